import frappe
import pytest

from crm_transparency.ledger import entries
from crm_transparency.ledger.entries import LedgerEntryIsFinal
from tests.people_and_accounts import acting_as, history, make_customer, make_user

LEDGER = "Account Owner Change"


def make_entry():
	customer = make_customer(account_manager=make_user("Ana"))
	return frappe.get_doc(LEDGER, history(customer)[0].name)


@pytest.fixture
def entry():
	return make_entry()


@pytest.fixture
def other_entry():
	return make_entry()


@pytest.fixture(params=["Administrator", "System Manager"])
def anybody(request):
	user = "Administrator" if request.param == "Administrator" else make_user("Sam", "System Manager")
	with acting_as(user):
		yield user


def untouched(entry) -> bool:
	return frappe.db.get_value(LEDGER, entry.name, ["reason", "new_owner"]) == (None, entry.new_owner)


def test_nobody_saves_an_entry_again(entry, anybody):
	entry.reason = "Second thoughts"
	with pytest.raises(LedgerEntryIsFinal, match="final"):
		entry.save(ignore_permissions=True)
	assert untouched(entry)


def test_nobody_saves_it_by_skipping_validation(entry, anybody):
	entry.reason = "Second thoughts"
	entry.flags.ignore_validate = True
	with pytest.raises(LedgerEntryIsFinal):
		entry.save(ignore_permissions=True)
	assert untouched(entry)


def test_nobody_sets_a_value_in_the_database(entry, anybody):
	with pytest.raises(LedgerEntryIsFinal):
		entry.db_set("reason", "Second thoughts")
	with pytest.raises(LedgerEntryIsFinal):
		entry.db_update()
	assert untouched(entry)


def test_nobody_sets_a_value_through_the_client_api(entry, anybody):
	with pytest.raises((LedgerEntryIsFinal, frappe.PermissionError)):
		frappe.client.set_value(LEDGER, entry.name, "reason", "Second thoughts")
	assert untouched(entry)


def test_nobody_deletes_an_entry(entry, anybody):
	for options in (
		{},
		{"force": True},
		{"force": True, "ignore_permissions": True},
		{"ignore_on_trash": True},
	):
		frappe.db.savepoint("before_deleting")
		with pytest.raises((LedgerEntryIsFinal, frappe.PermissionError)):
			frappe.delete_doc(LEDGER, entry.name, **options)
		frappe.db.rollback(save_point="before_deleting")
	assert untouched(entry)


def test_nobody_renames_or_merges_entries(entry, other_entry, anybody):
	for merge in (False, True):
		new = other_entry.name if merge else "renamed"
		with pytest.raises((LedgerEntryIsFinal, frappe.PermissionError, frappe.ValidationError)):
			frappe.rename_doc(LEDGER, entry.name, new, merge=merge, force=True)
	assert untouched(entry) and frappe.db.exists(LEDGER, other_entry.name)


def test_nobody_writes_an_entry_by_hand(anybody):
	forged = frappe.get_doc(
		doctype=LEDGER,
		reference_doctype="Customer",
		reference_name="Nobody",
		kind="Taken Over",
		source="Form",
		changed_by="somebody@example.com",
		changed_on=frappe.utils.now_datetime(),
	)
	with pytest.raises((LedgerEntryIsFinal, frappe.PermissionError)):
		forged.insert()
	with pytest.raises((LedgerEntryIsFinal, frappe.PermissionError)):
		frappe.client.insert(forged.as_dict())


def test_names_sort_by_time():
	names = [entries.new_name() for _ in range(1000)]
	assert len(set(names)) == 1000
	assert [name[:16] for name in names] == sorted(name[:16] for name in names)


def test_colleagues_read_the_ledger_and_website_users_do_not(entry):
	with acting_as(make_user("Rita")):
		assert frappe.get_list(LEDGER, filters={"name": entry.name}, pluck="name") == [entry.name]
	with acting_as(make_user("Walt", user_type="Website User")), pytest.raises(frappe.PermissionError):
		frappe.get_list(LEDGER)
