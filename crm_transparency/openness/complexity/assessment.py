"""How complex the rules are, in three numbers that are kept every day, and what is to be said about them."""

from typing import NamedTuple

import frappe
from frappe import _

from crm_transparency.crm_transparency import registry
from crm_transparency.openness.complexity import proposal, rules


class Complexity(NamedTuple):
	rules: int
	#: rules that hide nothing beyond what others hide
	superfluous: int
	#: User Permissions that follow a tree such as territories, or who reports to whom
	org_chart: int


def assess() -> Complexity:
	simplest = proposal.simplest()
	return Complexity(sum(rules.counts().values()), simplest.superfluous, simplest.like_org_chart)


def warnings(complexity: Complexity) -> list[str]:
	"""Return in sentences what is more complex than the settings put up with."""
	found = []
	if complexity.rules > threshold("complex_rules"):
		found.append(_("{0} rules narrow what people see.").format(complexity.rules))
	if complexity.superfluous > threshold("complex_superfluous_rules"):
		found.append(
			_("{0} of the rules hide nothing beyond what others hide.").format(complexity.superfluous)
		)
	if complexity.org_chart > threshold("complex_org_chart_rules"):
		found.append(_("{0} User Permissions copy the org chart.").format(complexity.org_chart))
	return found


def threshold(fieldname: str) -> int:
	return frappe.db.get_single_value(registry.SETTINGS, fieldname) or 0
