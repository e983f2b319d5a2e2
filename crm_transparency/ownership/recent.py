"""Which accounts of a list changed hands lately."""

from typing import TypedDict

import frappe
from frappe import _
from frappe.utils import add_days, cstr, now_datetime

from crm_transparency.crm_transparency import registry
from crm_transparency.ownership.history import BORN_WITH_ITS_OWNER
from crm_transparency.ownership.permissions import LEDGER

DAYS = 7
ROWS_OF_A_LIST = 500


class RecentChange(TypedDict):
	kind: str
	changed_on: str


@frappe.whitelist(methods=["POST"])
def recently_changed(doctype: str, names: list[str] | str) -> dict[str, RecentChange]:
	"""Return, by account, the newest change of owner in the last seven days, for those accounts that had one.

	`names` comes as a list, or as the JSON of one, as the Desk sends it.

	An account that got its owner when it was made hasn't changed hands. Accounts and changes that the user may not see
	are left out; of more than 500 names, the rest is ignored.
	"""
	if not registry.is_tracked(doctype) or not frappe.has_permission(LEDGER, "read"):
		return {}
	names = as_names(names)
	readable = frappe.get_list(
		doctype,
		filters={"name": ("in", names[:ROWS_OF_A_LIST])},
		fields=["name", "creation"],
		limit=ROWS_OF_A_LIST,
	)
	born = {cstr(account.name): account.creation for account in readable}
	changes = frappe.get_list(
		LEDGER,
		filters={
			"reference_doctype": doctype,
			"reference_name": ("in", list(born)),
			"changed_on": (">", add_days(now_datetime(), -DAYS)),
			"kind": ("!=", "Baseline"),
		},
		fields=["reference_name", "kind", "changed_on"],
		order_by="changed_on asc",
		limit=0,
	)
	return {
		change.reference_name: RecentChange(kind=change.kind, changed_on=change.changed_on)
		for change in changes
		if change.kind != "Assigned" or change.changed_on - born[change.reference_name] > BORN_WITH_ITS_OWNER
	}


def as_names(names: list[str] | str) -> list[str]:
	try:
		names = frappe.parse_json(names)
	except ValueError:
		names = None
	if not isinstance(names, list):
		frappe.throw(_("Please name the accounts as a list."))
	return [cstr(name) for name in names]
