"""Step 7: access ends, at a set time or at once, and that is proved; and what no software can do."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, escape_html, format_datetime, get_fullname, now_datetime

from crm_transparency.offboarding.access import REMOVAL, ending
from crm_transparency.offboarding.access.outcome import outcome
from crm_transparency.offboarding.steps.step import Outcome, Step

LAST_HOUR = "18:00:00"
SETTLED = ("Done", "Not needed")
PROVE = "crm_transparency.offboarding.access.job.attempt_to_prove"


class AccessEnds(Step):
	key = "access"
	label = "Access ends"

	def known(self, offboarding: Document) -> dict:
		exists = frappe.db.exists(REMOVAL, offboarding.name)
		removal = frappe.get_doc(REMOVAL, offboarding.name) if exists else frappe._dict()
		last_day = offboarding.last_working_day
		return {
			"has_user": bool(offboarding.user),
			"status": removal.get("status"),
			"ends_at": removal.get("ends_at") or (f"{last_day} {LAST_HOUR}" if last_day else None),
			"ended_on": removal.get("ended_on"),
			"proved_on": removal.get("proved_on"),
			"jobs_to": removal.get("jobs_to") or ending.jobs_to_by_default(offboarding),
			"items": [
				{"what": _(item.what), "number": item.number, "ended_on": item.ended_on}
				for item in removal.get("items") or []
			],
			"proofs": [
				{
					"attempt": proof.attempt,
					"is_refused": bool(proof.is_refused),
					"answer": proof.answer,
					"tried_on": proof.tried_on,
				}
				for proof in removal.get("proofs") or []
			],
			"checklist": checklist(removal),
		}

	def do(self, offboarding: Document, action: str = "plan", **arguments) -> Outcome:
		"""`action`: "plan" (`ends_at`, `jobs_to`), "now" (`jobs_to`), or "check" (`item`, `status`, `note`)."""
		if action == "plan":
			removal = ending.plan(offboarding, arguments.get("ends_at"), arguments.get("jobs_to"))
		elif action == "now":
			removal = ending.end(offboarding, arguments.get("jobs_to"))
			frappe.enqueue(PROVE, queue="short", enqueue_after_commit=True, name=offboarding.name)
		elif action == "check":
			removal = check_off(ending.removal_of(offboarding), **arguments)
		else:
			frappe.throw(_("There is no action {0} in this step.").format(action))
		return outcome(removal)

	def undo(self, offboarding: Document) -> list[str]:
		return ending.give_back(offboarding)

	def printed(self, offboarding: Document) -> str:
		known = self.known(offboarding)
		rows = [(f"{item['what']}: {item['number']}", item["ended_on"], "") for item in known["items"]]
		rows += [(proof["attempt"], proof["tried_on"], proof["answer"]) for proof in known["proofs"]]
		rows += [
			(
				item["label"],
				item["done_on"],
				" ".join(filter(None, (_(item["status"]), item["done_by_name"], item["note"]))),
			)
			for item in known["checklist"]
		]
		lines = "".join(
			f"<tr><th>{escape_html(what)}</th><td>{format_datetime(moment, 'medium') if moment else ''}</td>"
			f"<td>{escape_html(words or '')}</td></tr>"
			for what, moment, words in rows
		)
		return f"<table>{lines}</table>"


def checklist(removal: Document | frappe._dict) -> list[dict]:
	rows = removal.get("checklist") or [frappe._dict(item=item, status="Open") for item in ending.CHECKLIST]
	return [
		{
			"item": row.item,
			"label": _(row.item),
			"status": row.status,
			"note": row.note,
			"done_by_name": get_fullname(row.done_by) if row.done_by else None,
			"done_on": row.done_on,
		}
		for row in rows
	]


def check_off(
	removal: Document, item: str, status: str = "Done", note: str | None = None, is_new: int | str = 0
) -> Document:
	"""Note who did what and when; a `status` of "Open" takes it back. With `is_new` the item is added to the list."""
	item = (item or "").strip()[:140]
	if status not in ("Open", *SETTLED) or not item:
		frappe.throw(_("Please choose an item of the checklist."))
	row = next((row for row in removal.checklist if row.item == item), None)
	if row is None and cint(is_new):
		removal.append("checklist", {"item": item, "status": "Open"})
	elif row is None:
		frappe.throw(_("Please choose an item of the checklist."))
	elif row.status != status:
		is_settled = status in SETTLED
		row.update(
			{
				"status": status,
				"note": (note or "").strip() or None,
				"done_by": frappe.session.user if is_settled else None,
				"done_on": now_datetime() if is_settled else None,
			}
		)
	removal.save(ignore_permissions=True)
	return removal
