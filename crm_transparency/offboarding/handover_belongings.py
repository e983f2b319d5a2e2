"""A leaver's belongings besides accounts, kind by kind: found for the plan, moved with the transfer, and given back.

A belonging's move and the record of it are one transaction, so each happens once, whenever a job dies.
"""

from functools import partial

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cstr, now, strip_html

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import insert_rows, inserted, is_one_of, roll_back_to
from crm_transparency.crm_transparency.jobs import is_interruption, persistently
from crm_transparency.ledger.entries import new_name
from crm_transparency.offboarding import reader_limits, successor_proposals
from crm_transparency.offboarding.belonging_kind import Found, Kind, Leaver, NoLongerTheirs
from crm_transparency.offboarding.belongings_of_position import POSITION
from crm_transparency.offboarding.belongings_of_work import VIEWS, WORK
from crm_transparency.offboarding.offboarding_permissions import facts_of
from crm_transparency.offboarding.offboarding_records import (
	ACCOUNT,
	BELONGING,
	CANCELLED,
	DONE,
	FAILED,
	LEAVE,
	MOVE,
	OFFBOARDING,
	PLAN,
	PLANNED,
	UNDONE,
)

KINDS = {kind.key: kind for kind in (*WORK, *POSITION, *VIEWS)}
TO_BE_DECIDED = [key for key, kind in KINDS.items() if kind.is_to_be_decided]
SAVEPOINT = "crm_transparency_belonging"
#: what couldn't be moved yet; what failed to be given back has something to give back
WAITING = {"status": FAILED, "action": MOVE, "before": ("is", "not set")}
COLUMNS = (
	"name",
	"kind",
	"reference_doctype",
	"reference_name",
	"title",
	"detail",
	"value",
	"account_doctype",
	"account_name",
	"action",
	"status",
)


def leaver_of(offboarding: str) -> Leaver:
	facts = facts_of(offboarding)
	return Leaver.of(facts.user, facts.employee)


def find_all(plan: Document) -> None:
	"""Update the plan's belongings. What people decided stays, and what was moved already."""
	leaver = leaver_of(plan.name)
	there = {
		(row.kind, row.reference_doctype, row.reference_name): row
		for row in frappe.get_all(
			BELONGING,
			filters={"offboarding": plan.name},
			fields=["name", "kind", "reference_doctype", "reference_name", "status"],
			limit_page_length=0,
		)
	}
	rows, still_there = [], set()
	for kind in KINDS.values():
		for found in kind.find(leaver):
			key = (kind.key, found.doctype, cstr(found.name))
			still_there.add(key)
			if key not in there:
				rows.append(row_of(kind, found))
	common = {"offboarding": plan.name, **inserted(frappe.session.user, now())}
	insert_rows(BELONGING, (*COLUMNS, *common), [(*row, *common.values()) for row in rows])
	outdated = [row.name for key, row in there.items() if key not in still_there and row.status == PLANNED]
	if outdated:
		table = frappe.qb.DocType(BELONGING)
		frappe.qb.from_(table).delete().where(is_one_of(table.name, outdated)).run()


def row_of(kind: Kind, found: Found) -> tuple:
	return (
		new_name(),
		kind.key,
		found.doctype,
		cstr(found.name),
		cstr(found.title)[: frappe.db.VARCHAR_LEN],
		found.detail,
		found.value,
		*(found.account or (None, None)),
		LEAVE if kind.is_to_be_decided else MOVE,
		PLANNED,
	)


def move_next(offboarding: str) -> bool:
	"""Move the next belonging in the running transaction; return whether there was one."""
	row = next_with(offboarding, PLANNED, action=MOVE)
	if row:
		move(row)
	return bool(row)


def move(row: frappe._dict) -> None:
	to = successor_for(row)
	reason = successor_proposals.unable([to]).get(to) if to else _("There is no successor for it.")
	if reason:
		log(row, FAILED, reason)
		return
	leaver = leaver_of(row.offboarding)
	status, remark, before = attempt(
		lambda: KINDS[row.kind].move(row.reference_doctype, row.reference_name, leaver, to), DONE
	)
	values = {"went_to": to, "before": frappe.as_json(before, indent=None) if before is not None else None}
	log(row, status, remark, **values)


def disable_waiting_sales_persons() -> None:
	"""Daily job: disable sales persons that open documents named when their handover was carried out. Commits after each."""
	waiting = {"kind": "Sales Person", **WAITING}
	for offboarding in frappe.get_all(BELONGING, filters=waiting, pluck="offboarding", distinct=True):
		if frappe.db.get_value(OFFBOARDING, offboarding, "status") != CANCELLED:
			persistently(partial(move_waiting, offboarding))


def move_waiting(offboarding: str) -> None:
	if row := next_with(offboarding, kind="Sales Person", **WAITING):
		move(row)


def give_up_failed(offboarding: str) -> None:
	"""Move no more what couldn't be moved yet: the handover is undone."""
	waiting = {"offboarding": offboarding, **WAITING}
	frappe.db.set_value(BELONGING, waiting, {"status": UNDONE, "note": None}, update_modified=False)


def give_back_next(offboarding: str) -> bool:
	"""Give the next belonging back in the running transaction; return whether there was one."""
	row = next_with(offboarding, DONE)
	if not row:
		return False
	if not row.before:
		log(row, UNDONE, None)
		return True
	noted = frappe.parse_json(row.before)
	status, remark, _none = attempt(
		lambda: KINDS[row.kind].give_back(
			row.reference_doctype, row.reference_name, leaver_of(offboarding), row.went_to, noted
		),
		UNDONE,
	)
	log(row, status, remark)
	return True


def attempt(act, status: str) -> tuple[str, str | None, dict | None]:
	"""Call a function; return the status, a remark, and what it returned."""
	frappe.db.savepoint(SAVEPOINT)
	try:
		return status, None, act()
	except NoLongerTheirs as reason:
		roll_back_to(SAVEPOINT)
		return status, cstr(reason), None
	except Exception as error:
		if is_interruption(error):
			raise
		roll_back_to(SAVEPOINT)
		frappe.clear_messages()
		return FAILED, strip_html(cstr(error)) or type(error).__name__, None


def next_with(offboarding: str, status: str, **filters) -> frappe._dict | None:
	fields = ["name", "kind", "reference_doctype", "reference_name", "to_user", "account_doctype"]
	fields += ["account_name", "before", "went_to", "offboarding"]
	return frappe.db.get_value(
		BELONGING,
		{"offboarding": offboarding, "status": status, **filters},
		fields,
		as_dict=True,
		for_update=True,
		order_by="name",
	)


def successor_for(row: frappe._dict) -> str | None:
	"""Return who gets a belonging: its own successor, that of the account it goes with, or the default successor."""
	if row.to_user:
		return row.to_user
	goes_with = {
		"offboarding": row.offboarding,
		"reference_doctype": row.account_doctype,
		"reference_name": row.account_name,
	}
	successor = row.account_name and frappe.db.get_value(ACCOUNT, goes_with, "successor")
	return successor or frappe.db.get_value(PLAN, row.offboarding, "default_successor")


def log(row: frappe._dict, status: str, remark: str | None, **values) -> None:
	values = {"status": status, "note": remark, **values}
	frappe.db.set_value(BELONGING, row.name, values, update_modified=False)


def try_failed_again(offboarding: str) -> None:
	"""Plan again what failed, and what was given back."""
	row = frappe.qb.DocType(BELONGING)
	query = frappe.qb.update(row).set(row.status, PLANNED).set(row.note, None).set(row.before, None)
	query = query.set(row.is_told, 0)
	query.where((row.offboarding == offboarding) & row.status.isin((FAILED, UNDONE))).run()


def count(offboarding: str, **filters) -> int:
	return frappe.db.count(BELONGING, {"offboarding": offboarding, **filters})


def decided(offboarding: str) -> list[dict[str, str]]:
	"""Return what moves only because somebody decided so, and to whom: whoever starts the transfer confirms it."""
	fields = ["kind", "title", "to_user", "account_doctype", "account_name", "offboarding"]
	filters = {"offboarding": offboarding, "kind": ("in", TO_BE_DECIDED), "action": MOVE, "status": PLANNED}
	rows = frappe.get_all(
		BELONGING, filters=filters, fields=fields, order_by="kind, title", limit_page_length=0
	)
	return [
		{"kind": KINDS[row.kind].label(), "title": row.title, "to": frappe.utils.get_fullname(to)}
		for row in rows
		if (to := successor_for(row))
	]


def undecided(offboarding: str) -> list[str]:
	"""Return, by kind and name, what stays only because nobody has decided about it yet."""
	fields = ["name", "title", "kind", "action", "is_chosen", "status"]
	rows = frappe.get_all(
		BELONGING,
		filters={"offboarding": offboarding, "action": LEAVE},
		fields=fields,
		order_by="kind, title",
		limit_page_length=0,
	)
	return [f"{KINDS[row.kind].label()}: {row.title}" for row in rows if is_undecided(row)]


def is_undecided(row: frappe._dict) -> bool:
	waits = row.status == PLANNED and row.action == LEAVE and not row.is_chosen
	return waits and row.kind in TO_BE_DECIDED


def titles(offboarding: str, **filters) -> list[frappe._dict]:
	"""Return the titles of belongings, with the remark on each; the ID of what belongs to a company: not all may see it."""
	rows = frappe.get_all(
		BELONGING,
		filters={"offboarding": offboarding, **filters},
		fields=["title", "note", "reference_doctype", "reference_name"],
		order_by="kind, title",
		limit_page_length=0,
	)
	for (doctype, _name), of_document in reader_limits.by_subject(rows).items():
		if registry.has_column(doctype, "company"):
			for row in of_document:
				row.title = row.reference_name
	return rows
