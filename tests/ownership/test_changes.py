import frappe
import pytest
from frappe.model.base_document import get_controller

from crm_transparency.crm_transparency import registry
from tests.ownership.changing_hands import hand
from tests.people_and_accounts import acting_as, history, make_customer, make_lead


def latest(account):
	return history(account)[-1]


def test_taking_over_an_account_is_recorded_as_taken_over(ana, ben):
	customer = make_customer(account_manager=ben)
	hand(customer, to=ana, by=ana)
	entry = latest(customer)
	assert (entry.kind, entry.previous_owner, entry.new_owner, entry.changed_by) == (
		"Taken Over",
		ben,
		ana,
		ana,
	)
	assert entry.account_title == customer.customer_name
	assert entry.owner_field == "account_manager"
	assert entry.impersonated_by is None


def test_giving_an_account_away_is_recorded_as_handed_over(ana, ben):
	customer = make_customer(account_manager=ana)
	hand(customer, to=ben, by=ana)
	assert latest(customer).kind == "Handed Over"


def test_a_third_person_moving_an_account_is_recorded_as_reassigned(ana, ben, cleo):
	customer = make_customer(account_manager=ana)
	hand(customer, to=ben, by=cleo)
	assert latest(customer).kind == "Reassigned"


def test_leaving_an_account_without_owner_is_recorded_as_released(ana):
	customer = make_customer(account_manager=ana)
	hand(customer, to=None, by=ana)
	assert (latest(customer).kind, latest(customer).new_owner) == ("Released", None)


def test_taking_on_an_account_that_nobody_had_is_recorded_as_assigned(ana):
	customer = make_customer()
	hand(customer, to=ana, by=ana)
	assert latest(customer).kind == "Assigned"


def test_a_new_account_with_an_owner_is_recorded_as_assigned(ana):
	(entry,) = history(make_customer(account_manager=ana))
	assert (entry.kind, entry.previous_owner, entry.new_owner) == ("Assigned", None, ana)


def test_a_new_account_without_an_owner_is_not_recorded():
	assert history(make_customer()) == []


def test_saving_without_changing_the_owner_records_nothing(ana):
	customer = make_customer(account_manager=ana)
	customer.website = "https://harbour-books.example"
	customer.save()
	assert len(history(customer)) == 1


def test_every_tracked_doctype_is_recorded(ana, ben):
	lead = make_lead(lead_owner=ana)
	lead.lead_owner = ben
	lead.save()
	assert [entry.kind for entry in history(lead)] == ["Assigned", "Reassigned"]


def test_db_set_is_recorded_once(ana, ben):
	customer = make_customer(account_manager=ana)
	frappe.get_doc("Customer", customer.name).db_set("account_manager", ben)
	assert [entry.new_owner for entry in history(customer)] == [ana, ben]


def test_db_set_twice_on_the_same_document_is_recorded_twice(ana, ben, cleo):
	customer = make_customer(account_manager=ana)
	document = frappe.get_doc("Customer", customer.name)
	document.db_set("account_manager", ben)
	document.db_set("account_manager", cleo)
	assert [(entry.previous_owner, entry.new_owner) for entry in history(customer)] == [
		(None, ana),
		(ana, ben),
		(ben, cleo),
	]


def test_saving_one_document_object_again_and_again_records_each_change(ana, ben, cleo):
	customer = make_customer(account_manager=ana)
	for owner in (ben, cleo, ana):
		customer.account_manager = owner
		customer.save()
	assert [entry.new_owner for entry in history(customer)] == [ana, ben, cleo, ana]


@pytest.fixture
def another_app_that_writes_in_on_update(monkeypatch):
	"""Other apps call db_set from their own handlers, which makes Frappe run on_change in the middle of a save."""
	controller = get_controller("Customer")
	own_on_update = getattr(controller, "on_update", lambda customer: None)

	def on_update(customer):
		own_on_update(customer)
		customer.db_set("website", "https://another-app.example")

	monkeypatch.setattr(controller, "on_update", on_update, raising=False)


def test_another_apps_db_set_neither_hides_nor_doubles_a_change(
	ana, ben, another_app_that_writes_in_on_update
):
	customer = make_customer(account_manager=ana)
	assert customer.website == "https://another-app.example"
	hand(customer, to=ben, by=ben)
	assert [entry.kind for entry in history(customer)] == ["Assigned", "Taken Over"]


def test_deleting_an_account_writes_no_assignment(ana):
	customer = make_customer(account_manager=ana)
	frappe.delete_doc("Customer", customer.name)
	assert not [entry for entry in history(customer)[1:] if entry.kind == "Assigned"]


def test_change_and_entry_are_undone_together(ana, ben, monkeypatch):
	customer = make_customer(account_manager=ana)
	frappe.db.savepoint("before_the_change")
	customer.account_manager = ben
	customer.save()
	assert len(history(customer)) == 2
	frappe.db.rollback(save_point="before_the_change")
	assert frappe.db.get_value("Customer", customer.name, "account_manager") == ana
	assert len(history(customer)) == 1


def test_an_account_is_not_changed_if_the_ledger_cannot_be_written(ana, ben, monkeypatch):
	from crm_transparency.ledger import entries

	customer = make_customer(account_manager=ana)
	frappe.db.savepoint("before_the_change")

	def full_disk(*args, **kwargs):
		raise OSError("No space left on device")

	monkeypatch.setattr(entries.LedgerEntry, "db_insert", full_disk)
	customer.account_manager = ben
	with pytest.raises(OSError, match="No space left"):
		customer.save()
	frappe.db.rollback(save_point="before_the_change")
	assert frappe.db.get_value("Customer", customer.name, "account_manager") == ana


def test_the_person_behind_an_impersonated_session_is_recorded(ana, ben):
	customer = make_customer(account_manager=ben)
	with acting_as(ana):
		frappe.session.data.impersonated_by = "Administrator"
		customer.reload()
		customer.account_manager = ana
		customer.save()
	assert (latest(customer).changed_by, latest(customer).impersonated_by) == (ana, "Administrator")


def test_an_untracked_doctype_is_not_recorded(ana, ben):
	settings = frappe.get_single(registry.SETTINGS)
	next(row for row in settings.tracked_doctypes if row.document_type == "Customer").enabled = 0
	settings.save()
	customer = make_customer(account_manager=ana)
	assert history(customer) == []


def test_a_long_title_does_not_stop_the_save(ana):
	customer = make_customer(account_manager=ana, title="H" * 120)
	assert latest(customer).account_title == customer.customer_name


def test_a_change_that_is_saved_again_after_a_rollback_is_recorded(ana, ben):
	customer = make_customer(account_manager=ana)
	document = frappe.get_doc("Customer", customer.name)
	frappe.db.savepoint("before_the_change")
	document.db_set("account_manager", ben)
	frappe.db.rollback(save_point="before_the_change")
	document.db_set("account_manager", ben)
	assert [entry.new_owner for entry in history(customer)] == [ana, ben]


def test_an_insertion_that_is_repeated_after_a_rollback_is_recorded(ana):
	customer = frappe.copy_doc(make_customer(account_manager=ana))
	customer.customer_name = "Repeated " + frappe.generate_hash(length=6)
	frappe.db.savepoint("before_the_insertion")
	customer.insert()
	frappe.db.rollback(save_point="before_the_insertion")
	customer.insert()
	assert [entry.kind for entry in history(customer)] == ["Assigned"]
