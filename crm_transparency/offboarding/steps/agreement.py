"""Step 1: is there a confidentiality clause on file?"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, get_datetime, getdate, today

from crm_transparency.offboarding import uploads
from crm_transparency.offboarding.steps.step import Outcome, Step
from crm_transparency.stewardship import policies

TYPES = (policies.CONFIDENTIALITY, policies.EMPLOYMENT_AGREEMENT)


class AgreementCheck(Step):
	key = "agreement"
	label = "Agreement check"

	def known(self, offboarding: Document) -> dict:
		return {
			"sentence": in_words(on_file(offboarding)),
			"on_file": [as_shown(entry) for entry in on_file(offboarding)],
			"types": [{"value": it, "label": _(it)} for it in TYPES],
		}

	def do(self, offboarding: Document, file: str | None = None, **about) -> Outcome:
		"""Note what is on file. With a `file` that was uploaded to the offboarding, put that on file first.

		`about` says what the file is: `policy_type`, `signed_on`, and `version` if there is one.
		"""
		if file:
			put_on_file(offboarding, file, **about)
		return Outcome(in_words(on_file(offboarding)))


def on_file(offboarding: Document) -> list[frappe._dict]:
	return policies.acknowledged_by(offboarding.user, offboarding.employee, TYPES)


def put_on_file(
	offboarding: Document,
	file: str,
	policy_type: str = policies.EMPLOYMENT_AGREEMENT,
	signed_on: str | None = None,
	version: str | None = None,
) -> None:
	"""Record an uploaded contract as an acknowledgement; the same file is recorded once."""
	if policy_type not in TYPES:
		frappe.throw(_("A contract is of the type {0} or {1}.").format(*map(_, TYPES)))
	upload = uploads.of(offboarding, file)
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
	"""Say in a sentence what is on file, or plainly that nothing is."""
	if not entries:
		return _("There is no confidentiality clause on file.")
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
