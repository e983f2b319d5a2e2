"""Who reads the app's documents: the permission table.

A DocType that not everybody with a role may read states its rule on its controller, as `read_rule`. From that one condition
follow the lists (`permission_query_conditions`), the check of a document (`has_permission`: the database is asked whether
the condition holds for the stored document, so the two can't disagree), and who sees what Frappe links to the
documents: comments, files, tasks, versions and the like follow the rule of the document they are linked to.

A rule only closes: to read, a user needs a role permission besides. Counts follow from the lists: see `overrides/lookups.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from pypika import Criterion

from crm_transparency.crm_transparency import own_doctypes

EVERYBODY = ""
NOBODY = "1 = 0"
READING = (None, "read", "select", "report", "print")
#: what Frappe links to documents of any DocType, with the fields that name the DocType and the document
LINKED_RECORDS = {
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"Deleted Document": ("deleted_doctype", "deleted_name"),
	"DocShare": ("share_doctype", "share_name"),
	"Document Follow": ("ref_doctype", "ref_docname"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"Tag Link": ("document_type", "document_name"),
	"ToDo": ("reference_type", "reference_name"),
	"Version": ("ref_doctype", "docname"),
}
#: the field that names who has to read a linked record to do something
ADDRESSEE = {"ToDo": "allocated_to"}
IS_V15 = frappe.__version__.startswith("15.")
#: a percent sign by its number, as each database writes it
PERCENT = {"mariadb": "char(37 using utf8mb4)", "sqlite": "char(37)", "postgres": "chr(37)"}
#: what is put together from parts has no collation on MariaDB; this is the one of Frappe's tables
COLLATION = {"mariadb": " collate utf8mb4_unicode_ci"}


def pass_on() -> bool | None:
	"""Return what leaves the decision to others.

	On v15 the first hook that returns anything but None decides, so True would silence other apps' denials; from v16
	on every hook has to return something true, and None denies.
	"""
	return None if IS_V15 else True


def quoted(text: str) -> str:
	"""Return `text` as SQL that holds no percent sign.

	Frappe doubles these, or not, and halves them again, or not, depending on its version and on the way a condition
	takes: none in it, none wrong.
	"""
	parts = [frappe.db.escape(part, percent=False) for part in text.split("%")]
	if len(parts) == 1:
		return parts[0]
	database = frappe.db.db_type
	return f"concat({f', {PERCENT[database]}, '.join(parts)}){COLLATION.get(database, '')}"


@dataclass(frozen=True)
class ReadRule:
	"""Who reads the documents of a DocType, as `read_rule` of its controller.

	`condition`: called with a user and the DocType, returns the SQL condition on the DocType's own table under which the
	user reads a document: EVERYBODY, NOBODY, or one without percent signs (see `quoted`).
	`allows`: called with a document, a right ("read", "write", …) and a user, returns whether the rule lets the user do
	that, where it takes more than reading.
	`linked_records`: whether comments, files, tasks and the like may be added to the documents at all.
	"""

	condition: Callable[[str, str], str]
	allows: Callable[[Document, str | None, str], bool] | None = None
	linked_records: bool = True


class Condition(Criterion):
	"""A condition in SQL, as a criterion of the query builder."""

	def __init__(self, sql: str):
		super().__init__()
		self.sql = sql

	def get_sql(self, **_options: Any) -> str:
		return f"({self.sql})"


def rule_of(doctype: str | None) -> ReadRule | None:
	"""Return the rule of one of the app's DocTypes, None if roles alone decide."""
	return (
		getattr(own_doctypes.controller(doctype), "read_rule", None) if own_doctypes.is_own(doctype) else None
	)


def query_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""`permission_query_conditions` of every DocType."""
	user = user or frappe.session.user
	if doctype in LINKED_RECORDS:
		return _linked_records_condition(doctype, user)
	condition = _condition(doctype, user)
	return condition and f"({condition})"


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of every DocType."""
	user = user or frappe.session.user
	return pass_on() if _may_read_linked_record(doc, user) and _may(doc, ptype, user) else False


def reads(user: str, doctype: str, name: str | None) -> bool:
	"""Return whether the rule of a DocType lets `user` read a stored document. Roles aren't asked."""
	condition = _condition(doctype, user)
	if condition in (EVERYBODY, NOBODY):
		return condition == EVERYBODY
	if not name or frappe.get_meta(doctype).issingle:
		return False
	table = frappe.qb.DocType(doctype)
	return bool(
		frappe.qb.from_(table).select(table.name).where(table.name == name).where(Condition(condition)).run()
	)


def refuse_linked_record(doc: Document, method: str | None = None) -> None:
	"""`before_insert` of what Frappe links to documents: some DocTypes take nothing, because others could read it."""
	about = doc.get(LINKED_RECORDS[doc.doctype][0])
	rule = rule_of(about)
	if rule and not rule.linked_records and doc.get("comment_type") != "Deleted":
		frappe.throw(
			_(
				"Nothing can be added to this {0}, because others could read it. Please write it into the document itself."
			).format(_(about)),
			exc=frappe.PermissionError,
		)


def _condition(doctype: str | None, user: str) -> str:
	rule = rule_of(doctype)
	return rule.condition(user, doctype) if rule else EVERYBODY


def _may(doc: Document, ptype: str | None, user: str) -> bool:
	rule = rule_of(doc.doctype)
	if not rule:
		return True
	if rule.allows and not rule.allows(doc, ptype, user):
		return False
	return doc.is_new() or reads(user, doc.doctype, doc.name)


def _linked_records_condition(doctype: str, user: str) -> str:
	table = f"`tab{doctype}`"
	about, name = (f"{table}.`{field}`" for field in LINKED_RECORDS[doctype])
	conditions = {own: _condition(own, user) for own in own_doctypes.own_doctypes()}
	limited = {own: condition for own, condition in conditions.items() if condition}
	seen = [f"ifnull({about}, '') not in ({', '.join(map(quoted, limited))})"]
	seen += [
		f"({about} = {quoted(own)} and {name} in (select `tab{own}`.`name` from `tab{own}` where {condition}))"
		for own, condition in limited.items()
		if condition != NOBODY and not frappe.get_meta(own).issingle
	]
	if doctype in ADDRESSEE:
		seen.append(f"{table}.`{ADDRESSEE[doctype]}` = {quoted(user)}")
	return f"({' or '.join(seen)})" if limited else EVERYBODY


def _may_read_linked_record(doc: Document, user: str) -> bool:
	if doc.doctype not in LINKED_RECORDS or doc.get(ADDRESSEE.get(doc.doctype, "")) == user:
		return True
	about, name = (doc.get(field) for field in LINKED_RECORDS[doc.doctype])
	return reads(user, about, name)


def listed_count(doctype: str, filters: dict | list | str | None = None) -> int:
	"""Return how many documents of `doctype` fulfil `filters`, also as JSON, that the session's user may read.

	Raises frappe.PermissionError for users who may read none.
	"""
	[[count]] = query_of_count(doctype, frappe.parse_json(filters))
	return count


def query_of_count(doctype: str, filters: dict | list | None, **asked: Any) -> Any:
	"""Ask `frappe.get_list` for one row with the count; with `run=False` for the query (text on v15, pypika's on v16).

	`asked`: what `frappe.get_list` knows besides, such as another `user`.
	"""
	count = f"count(`tab{doctype}`.`name`) as listed" if IS_V15 else {"COUNT": "name", "as": "listed"}
	return frappe.get_list(doctype, fields=[count], filters=filters, order_by=None, as_list=True, **asked)
