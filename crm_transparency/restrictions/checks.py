"""What every exception to openness needs before it may be registered."""

import frappe
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.model.document import Document
from frappe.utils import add_months, escape_html, getdate, nowdate

from crm_transparency.ledger import ledgers
from crm_transparency.restrictions import filters, role_review
from crm_transparency.restrictions.exceptions import InvalidRecordFilter, UnfoundedRestriction
from crm_transparency.restrictions.register import HIDE_DOCTYPE, HIDE_FIELDS, HIDE_RECORDS
from crm_transparency.restrictions.ways import NEVER_HIDDEN

MOST_MONTHS = 12
#: a sentence has a subject, a verb and something to say
FEWEST_WORDS = 4
FEWEST_LETTERS = 20
#: modules whose DocTypes keep the platform itself running
PLATFORM = (
	"Core",
	"Custom",
	"Printing",
	"Website",
	"Workflow",
	"Desk",
	"Automation",
	"Email",
	"Integrations",
)
#: what people work with, in these modules
NO_PLATFORM = ("Communication", "Event", "File", "ToDo", "Note")


def check_what_is_hidden(restriction: Document) -> None:
	check_document_type(restriction.document_type)
	if restriction.restriction_kind == HIDE_RECORDS:
		conditions = filters.parse(restriction.document_type, restriction.record_filter)
		if not conditions:
			frappe.throw(
				_("Please say which records are hidden. To hide all of them, choose {0}.").format(
					frappe.bold(_(HIDE_DOCTYPE))
				),
				exc=InvalidRecordFilter,
			)
		restriction.record_filter = frappe.as_json(conditions, indent=None)
	else:
		restriction.record_filter = None
	restriction.fields = fields_to_hide(restriction) if restriction.restriction_kind == HIDE_FIELDS else None


def check_document_type(doctype: str) -> None:
	meta = frappe.get_meta(doctype)
	is_platform = meta.module in PLATFORM and doctype not in NO_PLATFORM
	is_ledger = ledgers.is_ledger(doctype)
	if (
		meta.istable
		or meta.issingle
		or meta.get("is_virtual")
		or is_platform
		or is_ledger
		or doctype in NEVER_HIDDEN
	):
		frappe.throw(
			_(
				"{0} can't be restricted here. Please choose a document type with records of your business."
			).format(frappe.bold(_(doctype))),
			exc=UnfoundedRestriction,
		)


def fields_to_hide(restriction: Document) -> str:
	"""Return the names of the fields to hide, one a line."""
	meta = frappe.get_meta(restriction.document_type)
	names = list(dict.fromkeys((restriction.fields or "").replace(",", " ").split()))
	for name in names:
		field = meta.get_field(name)
		if not field or (field.fieldtype in no_value_fields and field.fieldtype not in table_fields):
			frappe.throw(
				_("{0} has no field {1} that could be hidden. Please choose another one.").format(
					frappe.bold(_(restriction.document_type)), frappe.bold(escape_html(name))
				),
				exc=UnfoundedRestriction,
			)
	if not names:
		frappe.throw(_("Please choose the fields to hide."), exc=UnfoundedRestriction)
	return "\n".join(names)


def check_whom(restriction: Document) -> None:
	is_for_role = restriction.applies_to == "Role"
	restriction.user = None if is_for_role else restriction.user
	restriction.role = restriction.role if is_for_role else None
	if not (restriction.role or restriction.user):
		frappe.throw(_("Please say whom the restriction is for."), exc=UnfoundedRestriction)
	if "Administrator" in (restriction.role, restriction.user):
		frappe.throw(
			_(
				"Administrator can't be restricted: whoever can do everything could also take the restriction back."
			),
			exc=UnfoundedRestriction,
		)


def check_why(restriction: Document) -> None:
	reason = (restriction.reason or "").strip()
	if len(reason) < FEWEST_LETTERS or len(reason.split()) < FEWEST_WORDS:
		frappe.throw(
			_("Please give the reason in at least a sentence. Everyone who meets the restriction reads it."),
			exc=UnfoundedRestriction,
		)
	role_review.check_answers(restriction, UnfoundedRestriction)


def check_business_owner(restriction: Document) -> None:
	role_review.check_business_owner(restriction.business_owner, UnfoundedRestriction)


def check_review_date(restriction: Document) -> None:
	approved_on = getdate(restriction.approved_on or nowdate())
	latest = getdate(add_months(approved_on, MOST_MONTHS))
	is_put_into_force = restriction.status == "Active" and restriction.flags.decided
	is_open = is_put_into_force or (
		restriction.status in ("Draft", "Active") and restriction.has_value_changed("review_by")
	)
	if getdate(restriction.review_by) > latest:
		frappe.throw(
			_("Please review the restriction within {0} months: choose a date until {1}.").format(
				MOST_MONTHS, frappe.bold(frappe.format(latest, "Date"))
			),
			exc=UnfoundedRestriction,
		)
	if is_open and getdate(restriction.review_by) < getdate(nowdate()):
		frappe.throw(_("Please choose a review date that isn't over yet."), exc=UnfoundedRestriction)


def warn_of_empty_effect(restriction: Document) -> None:
	"""Say so when a filter finds nothing, or everything: most likely it isn't what was meant."""
	if restriction.restriction_kind != HIDE_RECORDS or restriction.status not in ("Draft", "Active"):
		return
	found, of = how_many_are_hidden(restriction)
	doctype = frappe.bold(_(restriction.document_type))
	if not found:
		frappe.msgprint(
			_("At the moment, this filter hides no {0}.").format(doctype), indicator="orange", alert=True
		)
	elif found == of:
		frappe.msgprint(_("At the moment, this filter hides every {0}.").format(doctype), indicator="orange")


def how_many_are_hidden(restriction: Document) -> tuple[int, int]:
	"""Return how many records the filter itself finds, and how many there are."""
	doctype = restriction.document_type
	conditions = filters.stored(restriction)
	sql = filters.as_sql(doctype, conditions)
	found = frappe.db.sql(f"select count(*) from `tab{doctype}` where {sql}")
	return found[0][0], frappe.db.count(doctype)
