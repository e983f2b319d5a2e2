"""What can be opened: the DocTypes that the idea names, those that are tracked, and what each role may do with them."""

from typing import TypedDict

import frappe

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.colleagues import COLLEAGUE

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
#: what colleagues get on everything that is open; commenting needs no more than reading
OPEN_RIGHTS = ("read", "select", "report", "email", "print")
#: what colleagues do themselves: write down what a customer says
CREATED_BY_COLLEAGUES = ("High Card",)
#: of these everybody sees only some in lists, whoever may read: public events, and mails of one's own e-mail accounts
NARROW_BY_NATURE = ("Event", "Communication")
DOCUMENTS_LEVEL = 0


class Choice(TypedDict):
	doctype: str
	#: opened by default
	is_default: bool
	#: open already, by a change made here
	is_open: bool


def choices(open_already: set[str]) -> list[Choice]:
	"""Return what can be opened: the defaults that exist, and what else is tracked or open."""
	others = sorted((set(registry.tracked_doctypes()) | open_already) - set(DEFAULTS))
	return [
		Choice(doctype=doctype, is_default=doctype in defaults(), is_open=doctype in open_already)
		for doctype in (*DEFAULTS, *others)
		if can_be_opened(doctype)
	]


def defaults() -> set[str]:
	return set(DEFAULTS) | set(registry.tracked_doctypes())


def can_be_opened(doctype: str) -> bool:
	"""Say whether documents of the DocType exist by themselves, so that permissions for them mean something."""
	if not frappe.db.exists("DocType", doctype):
		return False
	meta = frappe.get_meta(doctype)
	return not (meta.istable or meta.issingle or meta.get("is_virtual"))


def rights_for_colleagues(doctype: str) -> tuple[str, ...]:
	return (*OPEN_RIGHTS, "create") if doctype in CREATED_BY_COLLEAGUES else OPEN_RIGHTS


def is_colleagues_rule(row: dict) -> bool:
	"""Say whether a row of permissions is the one by which colleagues read all documents of a DocType."""
	return row["role"] == COLLEAGUE and not row["permlevel"] and not row["if_owner"]
