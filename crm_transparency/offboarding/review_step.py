"""Step 3: exports and changes of the last months, in one chart and five sentences; a named person settles each finding."""

import json
from datetime import timedelta

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, escape_html, format_date, get_fullname, getdate, now_datetime

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit.evidence import ask_for
from crm_transparency.offboarding import leaver_details, offboarding_permissions, review_figures
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.offboarding_records import (
	EXPLAINED,
	FINDING,
	FOLLOW_UP,
	REVIEW,
	TO_LOOK_AT,
	delete,
	own_record,
)
from crm_transparency.offboarding.steps import Outcome, Step, html_table

DAYS = 90
BUNDLE = "Evidence Bundle"


class Review(Step):
	key = "review"

	def known(self, offboarding: Document) -> dict:
		days = days_reviewed(self)
		if not frappe.db.exists(REVIEW, offboarding.name):
			return {"made_on": None, "has_user": bool(offboarding.user), "days": days}
		review = frappe.get_doc(REVIEW, offboarding.name)
		return {
			"has_user": bool(offboarding.user),
			"days": days,
			"made_on": review.made_on,
			"from_date": review.from_date,
			"to_date": review.to_date,
			"made_by_name": get_fullname(review.made_by),
			"sentences": json.loads(review.sentences or "[]"),
			"measures": json.loads(review.measures or "[]"),
			"findings": shown_findings(offboarding),
			"evidence": evidence(review),
		}

	def run(self, offboarding: Document, action: str = "make", **arguments) -> Outcome:
		"""`action`: "make", "settle" (`finding`, `status`, `note`, `followed_up_by`), or "evidence"."""
		if action == "make":
			make(offboarding, days_reviewed(self))
		elif action == "settle":
			settle(offboarding, **arguments)
		elif action == "evidence":
			request_evidence(offboarding)
		else:
			frappe.throw(_("This step has no action {0}.").format(action))
		return outcome(offboarding)

	def undo(self, offboarding: Document) -> list[str]:
		"""Delete the review of somebody who stays."""
		if not frappe.db.exists(REVIEW, offboarding.name):
			return []
		review = frappe.get_doc(REVIEW, offboarding.name)
		for name in frappe.get_all(FINDING, filters={"offboarding": offboarding.name}, pluck="name"):
			delete(FINDING, name)
		delete(REVIEW, review.name)
		has_bundle = review.evidence_bundle and frappe.db.exists(BUNDLE, review.evidence_bundle)
		return [_("The evidence bundle still exists and can be deleted.")] if has_bundle else []

	def printed(self, offboarding: Document) -> str:
		known = self.known(offboarding)
		if not known["made_on"]:
			return ""
		sentences = "".join(f"<li>{escape_html(sentence)}</li>" for sentence in known["sentences"])
		rows = [(format_date(it["day"]), it["text"], settled_in_words(it)) for it in known["findings"]]
		return f"<ul>{sentences}</ul>{html_table(rows)}"


def days_reviewed(step: Step) -> int:
	return cint(step.settings().get("review_days")) or DAYS


def make(offboarding: Document, days: int) -> None:
	"""Create or recalculate the review; findings that somebody settled stay as they are."""
	if not offboarding.user:
		frappe.throw(
			_("{0} has no user, so there is no activity to review.").format(offboarding.employee_name),
			exc=StepNotPossible,
		)
	period = Period.of_days(getdate() - timedelta(days=days - 1), getdate())
	team = leaver_details.team_of(offboarding)
	measures = review_figures.measures_of(offboarding.user, team, period)
	review = own_record(REVIEW, offboarding)
	review.update(
		{
			"made_on": now_datetime(),
			"made_by": frappe.session.user,
			"from_date": period.first_day,
			"to_date": period.last_day,
			"sentences": json.dumps(
				review_figures.in_sentences(offboarding.employee_name, measures, period.days, team)
			),
			"measures": json.dumps([vars(measure) for measure in measures]),
		}
	)
	review.save(ignore_permissions=True)
	for finding in review_figures.findings_of(offboarding.user, period):
		write(offboarding, finding)


def write(offboarding: Document, finding: review_figures.Finding) -> None:
	name = review_figures.finding_name(offboarding.name, finding)
	if frappe.db.exists(FINDING, name):
		doc = frappe.get_doc(FINDING, name)
		if doc.status == TO_LOOK_AT:
			doc.update({"day": finding.day, "text": finding.text})
			doc.save(ignore_permissions=True)
		return
	doc = frappe.get_doc(
		doctype=FINDING, offboarding=offboarding.name, status=TO_LOOK_AT, day=finding.day, text=finding.text
	)
	doc.insert(ignore_permissions=True, set_name=name)


def settle(
	offboarding: Document,
	finding: str,
	status: str,
	note: str | None = None,
	followed_up_by: str | None = None,
) -> None:
	"""Record that a finding is explained, or that a named person follows it up."""
	if status not in (EXPLAINED, FOLLOW_UP, TO_LOOK_AT):
		frappe.throw(_("A finding is either explained or followed up."))
	if frappe.db.get_value(FINDING, finding, "offboarding") != offboarding.name:
		frappe.throw(_("This finding isn't part of the review."))
	doc = frappe.get_doc(FINDING, finding, for_update=True)
	person = (followed_up_by or frappe.session.user) if status == FOLLOW_UP else None
	if person and not offboarding_permissions.runs(offboarding, person):
		frappe.throw(_("Only people who run this offboarding can follow up findings."))
	is_settled = status != TO_LOOK_AT
	doc.update(
		{
			"status": status,
			"note": (note or "").strip() or None,
			"decided_by": frappe.session.user if is_settled else None,
			"decided_on": now_datetime() if is_settled else None,
			"followed_up_by": person,
		}
	)
	doc.save(ignore_permissions=True)


def request_evidence(offboarding: Document) -> None:
	"""Request an evidence bundle for the days of the review, unless there is one."""
	if not frappe.db.exists(REVIEW, offboarding.name):
		frappe.throw(_("Please create the review first."), exc=StepNotPossible)
	review = frappe.get_doc(REVIEW, offboarding.name, for_update=True)
	status = frappe.db.get_value(BUNDLE, review.evidence_bundle, "status") if review.evidence_bundle else None
	if status in (None, "Failed"):
		review.evidence_bundle = ask_for(
			offboarding.user, str(review.from_date), str(review.to_date), _("Offboarding")
		)
		review.save(ignore_permissions=True)


def evidence(review: Document) -> dict | None:
	fields = ["name", "status", "file"]
	return (
		frappe.db.get_value(BUNDLE, review.evidence_bundle, fields, as_dict=True)
		if review.evidence_bundle
		else None
	)


def shown_findings(offboarding: Document) -> list[dict]:
	names = frappe.get_all(
		FINDING, filters={"offboarding": offboarding.name}, pluck="name", order_by="day desc, name"
	)
	return [
		{
			"name": doc.name,
			"day": doc.day,
			"text": doc.text,
			"status": doc.status,
			"note": doc.note,
			"decided_by_name": get_fullname(doc.decided_by) if doc.decided_by else None,
			"decided_on": doc.decided_on,
			"followed_up_by_name": get_fullname(doc.followed_up_by) if doc.followed_up_by else None,
		}
		for doc in (frappe.get_doc(FINDING, name) for name in names)
	]


def settled_in_words(finding: dict) -> str:
	return " ".join(filter(None, (_(finding["status"]), finding["decided_by_name"], finding["note"])))


def outcome(offboarding: Document) -> Outcome:
	"""Return the step's outcome, without details of findings: it is kept in the record."""
	statuses = frappe.get_all(FINDING, filters={"offboarding": offboarding.name}, pluck="status")
	is_made = bool(frappe.db.exists(REVIEW, offboarding.name))
	text = _("{0}: {1} explained, {2} to follow up, {3} open.").format(
		formatting.count(len(statuses), _("1 finding"), _("{0} findings")),
		statuses.count(EXPLAINED),
		statuses.count(FOLLOW_UP),
		statuses.count(TO_LOOK_AT),
	)
	if not statuses:
		text = _("There were no findings.")
	return Outcome(text, is_done=is_made and TO_LOOK_AT not in statuses)
