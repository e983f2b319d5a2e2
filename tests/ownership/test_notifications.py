import frappe
import pytest

from crm_transparency.crm_transparency import mail, registry
from crm_transparency.ownership import changes
from crm_transparency.patches import let_people_choose_mails_of_takeovers
from tests.ownership.changing_hands import hand
from tests.people_and_accounts import acting_as, history, make_customer


@pytest.fixture
def queued(monkeypatch):
	"""The notices that would be sent once the change is committed."""
	queue = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **kwargs: queue.append(kwargs.get("entry")))
	return queue


def move(customer, to, by):
	hand(customer, to, by)
	return history(customer)[-1].name


def notices(user):
	return frappe.get_all(
		"Notification Log", filters={"for_user": user}, fields=["subject", "type", "document_name"]
	)


@pytest.fixture
def mails(monkeypatch):
	sent = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: sent.append(mail))
	return sent


def choose(user, **choices):
	settings = frappe.get_doc("Notification Settings", user)
	settings.update(choices)
	settings.save()


def test_the_previous_owner_hears_of_a_takeover_in_the_app_and_by_mail(customer, ana, ben, mails):
	changes.send_takeover_notice(move(customer, to=ana, by=ana))
	(notice,) = notices(ben)
	(mail,) = mails
	sentence = f"Ana is now the account owner of {customer.customer_name}, which was with you"
	assert frappe.utils.strip_html(notice.subject) == mail["subject"] == sentence
	assert notice.document_name == customer.name
	assert mail["recipients"] == ben and mail["args"]["doc_link"].startswith("http")


@pytest.mark.parametrize("switch", [changes.SWITCH.fieldname, "enable_email_notifications"])
def test_each_user_chooses_whether_takeovers_are_mailed(customer, ana, ben, mails, switch):
	with acting_as(ben):
		choose(ben, **{switch: 0})
	changes.send_takeover_notice(move(customer, to=ana, by=ana))
	assert notices(ben) and not mails


def test_the_choice_about_assignments_is_another_one(customer, ana, ben, mails):
	choose(ben, enable_email_assignment=0)
	changes.send_takeover_notice(move(customer, to=ana, by=ana))
	assert len(mails) == 1


@pytest.mark.parametrize("user_is", ["without notifications", "disabled"])
def test_whoever_gets_no_notifications_gets_no_mail_either(customer, ana, ben, mails, user_is):
	entry = move(customer, to=ana, by=ana)
	if user_is == "disabled":
		frappe.db.set_value("User", ben, "enabled", 0)
	else:
		choose(ben, enabled=0)
	changes.send_takeover_notice(entry)
	assert not notices(ben) and not mails


def test_whoever_had_mails_of_assignments_off_stays_without_mails_of_takeovers(ana, ben):
	choose(ben, enable_email_assignment=0)
	let_people_choose_mails_of_takeovers.execute()
	assert not mail.wants_mail(ben, changes.SWITCH.fieldname)
	assert mail.wants_mail(ana, changes.SWITCH.fieldname)


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
	with changes.account_transfer("Transfer 1"):
		entry = move(customer, to=ana, by=ana)
	assert entry not in queued


def test_it_can_be_switched_off(customer, queued, ana):
	settings = frappe.get_single(registry.SETTINGS)
	settings.notify_of_takeovers = 0
	settings.save()
	queued.clear()
	assert move(customer, to=ana, by=ana) not in queued
