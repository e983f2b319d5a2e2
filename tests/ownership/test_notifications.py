import frappe
import pytest

from crm_transparency.crm_transparency import registry
from crm_transparency.ownership import notifications, sources
from tests.people_and_accounts import acting_as, history, make_customer, make_user


@pytest.fixture
def ana():
	return make_user("Ana", "Sales User", "Sales Manager")


@pytest.fixture
def ben():
	return make_user("Ben", "Sales User", "Sales Manager")


@pytest.fixture
def queued(monkeypatch):
	"""The notices that would be sent once the change is committed."""
	queue = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **kwargs: queue.append(kwargs.get("entry")))
	return queue


def move(customer, to, by):
	with acting_as(by):
		customer.reload()
		customer.account_manager = to
		customer.save()
	return history(customer)[-1].name


def notices(user):
	return frappe.get_all(
		"Notification Log", filters={"for_user": user}, fields=["subject", "type", "document_name"]
	)


def test_the_previous_owner_hears_of_a_takeover(ana, ben, monkeypatch):
	customer = make_customer(account_manager=ben)
	entry = move(customer, to=ana, by=ana)
	frappe.db.set_value("Notification Settings", ben, "enable_email_assignment", 0)
	monkeypatch.setattr(notifications, "enqueue_create_notification", create_notification_now)
	notifications.send_takeover_notice(entry)
	(notice,) = notices(ben)
	assert frappe.utils.strip_html(notice.subject) == (
		f"Ana is now the account owner of {customer.customer_name}, which was with you"
	)
	assert notice.document_name == customer.name


def create_notification_now(users, doc):
	from frappe.desk.doctype.notification_log.notification_log import make_notification_logs

	make_notification_logs(frappe._dict(doc), [users])


@pytest.fixture
def customer(ben, queued):
	return make_customer(account_manager=ben)


def test_a_takeover_is_told_once(customer, queued, ana):
	queued.clear()
	entry = move(customer, to=ana, by=ana)
	assert queued.count(entry) == 1


def test_handing_over_or_reassigning_is_no_news_for_who_did_it(customer, queued, ana, ben):
	queued.clear()
	entries = {move(customer, to=ana, by=ben), move(customer, to=ben, by="Administrator")}
	assert not entries & set(queued)


def test_transfers_send_no_notice_for_each_account(customer, queued, ana):
	queued.clear()
	with sources.account_transfer("Transfer 1"):
		entry = move(customer, to=ana, by=ana)
	assert entry not in queued


def test_it_can_be_switched_off(customer, queued, ana):
	settings = frappe.get_single(registry.SETTINGS)
	settings.notify_of_takeovers = 0
	settings.save()
	queued.clear()
	assert move(customer, to=ana, by=ana) not in queued
