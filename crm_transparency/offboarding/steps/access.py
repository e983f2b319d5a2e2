"""Step 7: access ends, at a set time or at once, and that is proved; and what no software can do."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, format_datetime

from crm_transparency.offboarding.access import REMOVAL, checklist, ending
from crm_transparency.offboarding.access.outcome import outcome
from crm_transparency.offboarding.steps.step import Outcome, Step

LAST_HOUR = "18:00:00"
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
			"checklist": checklist.as_shown(removal),
		}

	def do(self, offboarding: Document, action: str = "plan", **arguments) -> Outcome:
		"""`action`: "plan" (`ends_at`, `jobs_to`), "now" (`jobs_to`), "check" (`item`, `status`, `note`), or
		"name" (`item`, `user`): whoever is named for an item gets a to-do, and marks the item by closing that.
		"""
		if action == "plan":
			removal = ending.plan(offboarding, arguments.get("ends_at"), arguments.get("jobs_to"))
		elif action == "now":
			removal = ending.end(offboarding, arguments.get("jobs_to"))
			frappe.enqueue(PROVE, queue="short", enqueue_after_commit=True, name=offboarding.name)
		elif action == "check":
			removal = checklist.check_off(ending.removal_of(offboarding), **arguments)
		elif action == "name":
			removal = checklist.name_somebody(offboarding, ending.removal_of(offboarding), **arguments)
		else:
			frappe.throw(_("There is no action {0} in this step.").format(action))
		return outcome(removal)

	def undo(self, offboarding: Document) -> list[str]:
		checklist.release(offboarding)
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
