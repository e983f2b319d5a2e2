"""Deleted, renamed and merged accounts, renamed users: the ledger still makes sense."""

from unittest.mock import patch

import frappe

from crm_transparency.ledger import names
from crm_transparency.ownership import account_history, strip
from tests.people_and_accounts import history as entries_of
from tests.people_and_accounts import make_customer


def rename(doc, new, merge=False):
	frappe.rename_doc(doc.doctype, doc.name, new, merge=merge, force=True)
	return frappe.get_doc(doc.doctype, new)


def kinds(doc):
	table = frappe.qb.DocType("Account Owner Change")
	return [row.kind for row in account_history._changes(doc.doctype, doc.name, table).run(as_dict=True)]


def test_a_renamed_account_keeps_its_history(ana, ben):
	customer = make_customer(account_manager=ana)
	customer = rename(customer, f"{customer.name} and Sons")
	customer.account_manager = ben
	customer.save()
	assert kinds(customer) == ["Reassigned", "Assigned"]


def test_an_account_renamed_back_and_forth_keeps_its_history(ana):
	customer = make_customer(account_manager=ana)
	first_name = customer.name
	for new_name in (f"{first_name} A", f"{first_name} B", first_name):
		customer = rename(customer, new_name)
	assert kinds(customer) == ["Assigned"]
	customer.account_manager = None
	customer.save()
	assert kinds(customer) == ["Released", "Assigned"]


def test_a_name_used_again_does_not_mix_two_histories(ana, ben):
	old_bearer = make_customer(account_manager=ana)
	name = old_bearer.name
	old_bearer = rename(old_bearer, f"{name} and Sons")
	new_bearer = frappe.copy_doc(old_bearer)
	new_bearer.update({"customer_name": name, "account_manager": ben})
	new_bearer.insert()
	assert new_bearer.name == name
	assert [row.new_owner for row in entries_of(new_bearer)] == [ana, ben]
	assert kinds(new_bearer) == ["Assigned"] and kinds(old_bearer) == ["Assigned"]
	assert account_history.newest_changes("Customer", new_bearer.name)[0].new_owner == ben
	assert account_history.newest_changes("Customer", old_bearer.name)[0].new_owner == ana


def test_merged_accounts_bring_their_histories_together(ana, ben):
	customer, duplicate = make_customer(account_manager=ana), make_customer(account_manager=ben)
	duplicates_name = duplicate.name
	merged = rename(duplicate, customer.name, merge=True)
	assert sorted(span.name for span in names.spans("Customer", merged.name)) == sorted(
		[customer.name, duplicates_name]
	)
	assert kinds(merged) == ["Reassigned", "Assigned", "Assigned"]
	assert frappe.db.get_value(names.LEDGER, {"old_name": duplicates_name}, "merged")


def test_a_deleted_account_leaves_its_history_and_how_it_ended(ana):
	customer = make_customer(account_manager=ana)
	frappe.delete_doc("Customer", customer.name)
	assigned, released = entries_of(customer)
	assert (assigned.kind, released.kind) == ("Assigned", "Released")
	assert (released.previous_owner, released.reason) == (ana, "The account was deleted.")


def test_a_new_account_does_not_inherit_the_history_of_a_deleted_one(ana):
	deleted = make_customer(account_manager=ana)
	frappe.delete_doc("Customer", deleted.name)
	new = frappe.copy_doc(deleted)
	new.update({"customer_name": deleted.name, "account_manager": None})
	new.insert()
	assert new.name == deleted.name and kinds(new) == []


def test_merging_is_no_deletion(ana, ben):
	customer, duplicate = make_customer(account_manager=ana), make_customer(account_manager=ben)
	rename(duplicate, customer.name, merge=True)
	assert [entry.kind for entry in entries_of(duplicate)] == ["Assigned"]


def test_a_deleted_account_that_nobody_had_leaves_nothing():
	customer = make_customer()
	frappe.delete_doc("Customer", customer.name)
	assert entries_of(customer) == []


def test_a_renamed_user_keeps_the_accounts_and_the_history(ana):
	customer = make_customer(account_manager=ana)
	married = ana.replace("ana.", "ana.garcia.")
	frappe.rename_doc("User", ana, married, force=True)
	(entry,) = entries_of(customer)
	assert entry.new_owner == ana, "an entry never changes"
	shown = strip.read("Customer", customer.name)
	assert (shown["account_owner"], shown["account_owner_name"]) == (married, "Ana")
	assert shown["since"] == entry.changed_on
	assert shown["last_change"]["sentence"] == "Administrator assigned this account to Ana"
	assert names.current_name("User", ana) == married


def test_renaming_what_is_not_tracked_leaves_no_entry():
	todo = frappe.get_doc(doctype="Note", title="A note").insert()
	rename(todo, f"{todo.name}-2")
	assert not frappe.db.exists(names.LEDGER, {"reference_doctype": "Note"})


def name_change(old: str, new: str | None, day: int, title: str | None = None) -> None:
	entry = names.record("User", old, new, merged=False, title=title)
	frappe.db.set_value(names.LEDGER, entry.name, "changed_on", f"2026-01-0{day} 10:00:00")


def test_many_deleted_users_cost_no_query_and_no_branch_each(ana):
	gone = [f"gone.{n}.{frappe.generate_hash(length=6)}@example.com" for n in range(40)]
	for user in gone:
		name_change(user, None, 1, title="Somebody")
	first, second = (f"{part}.{ana}" for part in ("first", "second"))
	name_change(first, second, 2)
	name_change(ana, None, 2, title="Ana of old")
	name_change(second, ana, 3)
	table, queries = frappe.qb.DocType("Export Log"), []
	run = frappe.db.sql
	with patch.object(frappe.db, "sql", lambda *args, **kwargs: queries.append(args) or run(*args, **kwargs)):
		called = names.full_names_at((user, "2025-12-31") for user in [*gone, first])
		people = names.people([(first, "2025-12-31"), (ana, "2025-12-31"), (gone[0], "2025-12-31")])
		expression = str(names.person_today(table.user, table.exported_on))
	assert len(queries) < 20
	assert {called[user, "2025-12-31"] for user in gone} == {"Somebody"}
	assert set(people.values()) == {ana, "Ana of old", gone[0]}
	assert gone[0] not in expression and first in expression and "Ana of old" in expression
