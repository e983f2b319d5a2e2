"""Step 1: is a confidentiality agreement on file?"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, get_datetime, getdate, today

from crm_transparency.offboarding import uploaded_papers
from crm_transparency.offboarding.steps import Outcome, Step
from crm_transparency.stewardship import policies

TYPES = (policies.CONFIDENTIALITY, policies.EMPLOYMENT_AGREEMENT)


class AgreementCheck(Step):
	key = "agreement"

	def known(self, offboarding: Document) -> dict:
		return {
			"sentence": in_words(on_file(offboarding)),
			"on_file": [as_shown(entry) for entry in on_file(offboarding)],
			"types": [{"value": it, "label": _(it)} for it in TYPES],
		}

	def run(self, offboarding: Document, file: str | None = None, **about) -> Outcome:
		"""Record the existing agreement. With a `file` that was uploaded to the offboarding, file that first.

		`about` describes the file: `policy_type`, `signed_on`, and `version` if there is one.
		"""
		if file:
			file_agreement(offboarding, file, **about)
		found = on_file(offboarding)
		return Outcome(in_words(found), is_done=bool(found))


def on_file(offboarding: Document) -> list[frappe._dict]:
	return policies.acknowledged_by(offboarding.user, offboarding.employee, TYPES)


def file_agreement(
	offboarding: Document,
	file: str,
	policy_type: str = policies.EMPLOYMENT_AGREEMENT,
	signed_on: str | None = None,
	version: str | None = None,
) -> None:
	"""Record an uploaded agreement as an acknowledgement; the same file is recorded once."""
	if policy_type not in TYPES:
		frappe.throw(_("The type must be {0} or {1}.").format(*map(_, TYPES)))
	upload = uploaded_papers.of(offboarding, file)
	if any(entry.text_sha256 == upload.sha256 for entry in on_file(offboarding)):
		return
	policies.acknowledge(
		user=offboarding.user,
		employee=offboarding.employee,
		policy_type=policy_type,
		policy_version=version,
		text_sha256=upload.sha256,
		signed_name=offboarding.employee_name,
		way=policies.ON_PAPER,
		acknowledged_on=get_datetime(getdate(signed_on or today())),
		evidence=upload.url,
	)


def in_words(entries: list[frappe._dict]) -> str:
	"""Return in a sentence what is on file."""
	if not entries:
		return _("No confidentiality agreement is on file.")
	entry = entries[0]
	what = entry.policy or _(entry.policy_type)
	version = _(", version {0}").format(entry.policy_version) if entry.policy_version else ""
	return _("On file: {0}{1}, agreed to on {2} ({3}).").format(
		what, version, format_date(entry.acknowledged_on), _(entry.way)
	)


def as_shown(entry: frappe._dict) -> dict:
	return {
		"what": entry.policy or _(entry.policy_type),
		"version": entry.policy_version,
		"agreed_on": entry.acknowledged_on,
		"way": _(entry.way),
		"evidence": entry.evidence,
	}
