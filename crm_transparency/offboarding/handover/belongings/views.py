"""What the leaver made for looking at things: private filters, reports and dashboards worth keeping."""

from collections.abc import Iterator

import frappe
from frappe import _

from crm_transparency.offboarding.handover.belongings.kind import (
	Before,
	Found,
	Kind,
	Leaver,
	gone_meanwhile,
	is_there,
)
from crm_transparency.offboarding.handover.belongings.work import change_owner

#: by whose owner they are somebody's, and what says that they aren't somebody's but the app's
OWN_VIEWS = {
	"Report": {"is_standard": "No"},
	"Dashboard": {"is_standard": 0},
	"Dashboard Chart": {"is_standard": 0},
	"Number Card": {"is_standard": 0},
	"Kanban Board": {},
}
FILTER = "List Filter"


def views(leaver: Leaver) -> Iterator[Found]:
	for doctype, filters in OWN_VIEWS.items():
		if is_there(doctype, *filters):
			for name in frappe.get_all(doctype, filters={"owner": leaver.user, **filters}, pluck="name"):
				yield Found(doctype, name, name, _(doctype))


def move_view(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	change_owner(doctype, name, leaver.user, to)
	return {}


def give_view_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	change_owner(doctype, name, to, leaver.user)


def list_filters(leaver: Leaver) -> Iterator[Found]:
	fields = ["name", "filter_name", "reference_doctype"]
	for row in frappe.get_all(FILTER, filters={"for_user": leaver.user}, fields=fields):
		yield Found(FILTER, row.name, row.filter_name or row.name, _(row.reference_doctype or ""))


def move_filter(name: str, leaver: Leaver, to: str) -> Before:
	pass_filter_on(name, leaver.user, to)
	return {}


def give_filter_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	pass_filter_on(name, to, leaver.user)


def pass_filter_on(name: str, current: str, to: str) -> None:
	if frappe.db.get_value(FILTER, name, "for_user", for_update=True) != current:
		gone_meanwhile()
	frappe.db.set_value(FILTER, name, "for_user", to, update_modified=False)


KINDS = (
	Kind("View", lambda: _("Reports and dashboards"), views, move_view, give_view_back, is_generic=True),
	Kind("List Filter", lambda: _("Private filters"), list_filters, move_filter, give_filter_back),
)
