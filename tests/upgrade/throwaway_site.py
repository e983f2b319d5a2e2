"""What the tests of installing and leaving do in a process of their own, on a site that is thrown away.

usage: python -m tests.upgrade.throwaway_site SITE_FOLDER; prints what uninstalling left behind, as JSON.
"""

import json
import sys
from pathlib import Path

from embedded.site import Site

# what the framework itself writes down while any app is installed or removed
FRAMEWORKS_OWN = {
	"tabInstalled Application",
	"tabScheduled Job Log",
	"tabDefaultValue",
	"tabSessions",
}
VOLATILE = {"modified", "modified_by", "idx", "migration_hash"}


def main(site_folder: str) -> None:
	site = Site.at(Path(site_folder)).connect()
	import frappe
	from frappe.installer import install_app, remove_app

	from tests.people_and_accounts import history, make_customer

	old_customer = make_customer(account_manager="Administrator")
	frappe.db.commit()
	before = dump()
	install_app("crm_transparency")
	frappe.db.commit()
	assert [entry.kind for entry in history(old_customer)] == ["Baseline"]
	use_the_app()
	frappe.db.commit()
	remove_app("crm_transparency", yes=True, no_backup=True)
	frappe.db.commit()
	after = dump()
	print("RESULT " + json.dumps(differences(before, after)))
	site.disconnect()


def use_the_app() -> None:
	"""Leave traces everywhere Frappe keeps any."""
	import frappe

	from tests.people_and_accounts import acting_as, make_customer, make_user

	ana, ben, mona = (
		make_user("Ana"),
		make_user("Ben"),
		make_user("Mona", "System Manager", "Transparency Manager"),
	)
	rita = make_user("Rita", "Ringer Manager")
	frappe.get_doc("Role", "Ringer Manager").add_comment("Comment", "Rita has it")
	frappe.log_error("CRM Transparency: something failed")
	customer = make_customer(account_manager=ana)
	customer.account_manager = ben
	customer.save()
	open_up(ben)
	settings = frappe.get_single("CRM Transparency Settings")
	settings.keep_ledger_months = 24
	settings.save(ignore_version=False)
	settings.add_comment("Comment", "Two years are enough for us")
	with acting_as(mona):
		frappe.get_list("Account Owner Change")
	frappe.delete_doc("Customer", customer.name, force=True, delete_permanently=True)
	for user in (ana, ben, mona, rita):
		frappe.delete_doc("User", user, force=True, delete_permanently=True)


def open_up(user: str) -> None:
	"""Change permissions in every way that the app does."""
	import frappe

	from crm_transparency.openness import limiting_user_permissions, open_doctypes, openness_changes
	from tests.people_and_accounts import first_leaf

	decision = openness_changes.Decision(
		business_owner="Administrator", reason="Everybody can help every customer"
	)
	frappe.get_doc(
		doctype="User Permission", user=user, allow="Territory", for_value=first_leaf("Territory")
	).insert()
	openness_changes.open_up([choice["doctype"] for choice in open_doctypes.choices(set())], decision)
	limiting_user_permissions.lift(user, "Territory", decision)
	frappe.db.delete("User Permission", {"user": user, "applicable_for": "Quotation"})


def dump() -> dict[str, set[str]]:
	import frappe

	return {
		table: rows_of(table) for table in frappe.db.get_tables(cached=False) if table not in FRAMEWORKS_OWN
	}


def rows_of(table: str) -> set[str]:
	import frappe

	rows = frappe.db.sql(f"select * from `{table}`", as_dict=True)
	return {
		json.dumps(
			{key: value for key, value in row.items() if key not in VOLATILE}, default=str, sort_keys=True
		)
		for row in rows
	}


def differences(before: dict[str, set[str]], after: dict[str, set[str]]) -> dict[str, list[str]]:
	"""Return, by table, what is there now and wasn't, or was and isn't; about the app, its DocTypes and roles."""
	left = {}
	for table in before.keys() | after.keys():
		if table not in before:
			left[table] = ["the table itself"]
		elif changed := before[table] ^ after.get(table, set()):
			left[table] = sorted(row[:5000] for row in changed)
	return left


if __name__ == "__main__":
	main(sys.argv[1])
