"""Which steps of an offboarding a user sees and does."""

import frappe
from frappe.model.document import Document

from crm_transparency.offboarding import permissions
from crm_transparency.offboarding.steps import registry


def of(offboarding: Document | frappe._dict, user: str | None = None) -> set[str]:
	"""Return the keys of the steps that a user sees and does."""
	if permissions.runs(offboarding, user):
		return set(registry.keys())
	if permissions.manages(offboarding, user):
		return {step.key for step in registry.all_steps() if step.is_for_leavers_manager}
	return set()


def check(offboarding: Document, step: str | None = None) -> None:
	seen = of(offboarding)
	if not seen or (step and step not in seen):
		permissions.refuse()
