"""The steps of an offboarding, in their order."""

from functools import cache

import frappe
from frappe import _

from crm_transparency.offboarding.steps.step import Step


@cache
def all_steps() -> tuple[Step, ...]:
	# imported when first asked for: what the steps do asks `permissions`, which asks for the steps
	from crm_transparency.offboarding.steps.access import AccessEnds
	from crm_transparency.offboarding.steps.agreement import AgreementCheck
	from crm_transparency.offboarding.steps.ending import GoodEnding
	from crm_transparency.offboarding.steps.handover_plan import HandoverPlan
	from crm_transparency.offboarding.steps.interview import ExitInterview
	from crm_transparency.offboarding.steps.introductions import Introductions
	from crm_transparency.offboarding.steps.review import Review
	from crm_transparency.offboarding.steps.ringer_watch import RingerWatch
	from crm_transparency.offboarding.steps.transfer import Transfer

	return (
		AgreementCheck(),
		ExitInterview(),
		Review(),
		HandoverPlan(),
		Introductions(),
		Transfer(),
		AccessEnds(),
		RingerWatch(),
		GoodEnding(),
	)


def keys() -> list[str]:
	return [step.key for step in all_steps()]


def get(key: str) -> Step:
	"""Return the step with a key. Raises ValidationError if there is none."""
	for step in all_steps():
		if step.key == key:
			return step
	frappe.throw(_("An offboarding has no step {0}.").format(key))


def label(key: str) -> str:
	"""Return what people call a step, in the reader's language."""
	return _(get(key).label)
