"""Which DocTypes everybody in the company may read: what can be opened, and what is open."""

from typing import TypedDict

import frappe

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.staff import COLLEAGUE

CHANGE = "Openness Change"
OPENING = "Opening"
APPLIED = "Applied"
DEFAULTS = (
	"Customer",
	"Contact",
	"Address",
	"Lead",
	"Opportunity",
	"Prospect",
	"Quotation",
	"Sales Order",
	"Issue",
	"Event",
	"Communication",
	"High Card",
)
#: what colleagues may do with everything that is open; commenting needs no more than reading
OPEN_RIGHTS = ("read", "select", "report", "email", "print")
#: what colleagues may add as well: they write down what a customer says
CREATED_BY_COLLEAGUES = ("High Card",)
#: Frappe lists only some of these to anybody: public events, and mails of one's own e-mail accounts
LISTED_IN_PART = ("Event", "Communication")
DOCUMENTS_LEVEL = 0


class Choice(TypedDict):
	doctype: str
	#: opened by default
	is_default: bool
	#: open already, by a change made here
	is_open: bool


def choices(opened: set[str]) -> list[Choice]:
	"""Return what can be opened: the defaults that exist, and what else is tracked or open."""
	others = sorted((set(registry.tracked_doctypes()) | opened) - set(DEFAULTS))
	return [
		Choice(doctype=doctype, is_default=doctype in defaults(), is_open=doctype in opened)
		for doctype in (*DEFAULTS, *others)
		if can_be_opened(doctype)
	]


def defaults() -> set[str]:
	return {*DEFAULTS, *registry.tracked_doctypes()}


def can_be_opened(doctype: str) -> bool:
	"""Return whether the DocType has documents of its own, so that permissions for them mean something."""
	if not frappe.db.exists("DocType", doctype):
		return False
	meta = frappe.get_meta(doctype)
	return not (meta.istable or meta.issingle or meta.get("is_virtual"))


def rights_of_colleagues(doctype: str) -> tuple[str, ...]:
	return (*OPEN_RIGHTS, "create") if doctype in CREATED_BY_COLLEAGUES else OPEN_RIGHTS


def is_colleague_rule(row: dict) -> bool:
	"""Return whether a row of permissions is the one by which colleagues read all documents of a DocType."""
	return row["role"] == COLLEAGUE and not row["permlevel"] and not row["if_owner"]


def current() -> set[str]:
	"""Return the DocTypes that are open by a decision that still applies."""
	return set(openings())


def openings(locked: bool = False) -> dict[str, frappe._dict]:
	"""Return for each open DocType the change that opened it first, and as `reapplied_on` when that was last repeated.

	`locked` also finds what others committed since this transaction began.
	"""
	change, opened = frappe.qb.DocType(CHANGE), frappe.qb.DocType("Opened Document Type")
	query = (
		frappe.qb.from_(change)
		.join(opened)
		.on((opened.parent == change.name) & (opened.parenttype == CHANGE))
		.where((change.kind == OPENING) & (change.status == APPLIED))
		.orderby(change.applied_on)
		.select(opened.document_type, change.name, change.applied_on, change.business_owner)
	)
	found = (query.for_update() if locked else query).run(as_dict=True)
	named = list({row.document_type for row in found})
	existing = frappe.get_all("DocType", filters={"name": ("in", named)}, pluck="name") if named else ()
	first: dict[str, frappe._dict] = {}
	for row in found:
		if row.document_type in existing:
			first.setdefault(row.document_type, row).reapplied_on = row.applied_on
	return first
