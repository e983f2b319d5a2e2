"""How complex the rules are that limit access to tracked documents, and the simplest set that hides the same.

"Practice the KIS method (Keep It Simple). Many businesses initially create complex security models in their CRM system
that closely resemble their org chart. In reality, however, most security requirements are much simpler." (The third
article in the seeds.)
"""

from collections.abc import Iterable
from typing import NamedTuple, TypedDict

import frappe
from frappe import _
from frappe.utils import get_fullname

from crm_transparency.crm_transparency import effective_permissions, registry, staff
from crm_transparency.crm_transparency.formatting import shortened
from crm_transparency.openness import simpler_restrictions, simpler_user_permissions
from crm_transparency.openness.limiting_rules import OUR_FUNCTIONS
from crm_transparency.openness.simpler_restrictions import ForRole, Redundant
from crm_transparency.openness.simpler_user_permissions import Permissions, Simplified, Simplifier
from crm_transparency.restrictions import register
from crm_transparency.restrictions.filters import in_words

MOST_NAMES = 4


class Complexity(NamedTuple):
	rules: int
	#: rules that hide nothing that others don't hide
	redundant: int
	#: User Permissions that follow a tree such as territories, or who reports to whom
	org_chart: int


class Step(TypedDict):
	text: str
	#: whom it concerns, by full name
	people: list[str]
	rules_before: int
	rules_after: int


class Proposal(TypedDict):
	#: how many rules there are of each kind
	kinds: dict[str, int]
	rules_before: int
	rules_after: int
	steps: list[Step]
	#: sentences about rules that copy the org chart
	org_chart: list[str]


class Simplest(NamedTuple):
	"""What the simplest set consists of, before it is put in words."""

	people: list[Simplified]
	roles: list[ForRole]
	redundant: list[Redundant]
	in_branches: dict[str, set[str]]
	superiors: dict[str, set[str]]


def complexity() -> Complexity:
	"""Return the three numbers that are kept every day."""
	found = simplest()
	before = {each.user: each.before for each in found.people}
	copies = {
		(allow, user)
		for people_by_allow in (found.in_branches, found.superiors)
		for allow, users in people_by_allow.items()
		for user in users
	}
	return Complexity(
		rules=sum(counts().values()),
		redundant=sum(len(each.redundant) for each in found.people) + len(found.redundant),
		org_chart=sum(permission.allow == allow for allow, user in copies for permission in before[user]),
	)


def warnings(found: Complexity) -> list[str]:
	"""Return in sentences what exceeds the thresholds in the settings."""

	def threshold(fieldname: str) -> int:
		return frappe.db.get_single_value(registry.SETTINGS, fieldname) or 0

	sentences = []
	if found.rules > threshold("complex_rules"):
		sentences.append(_("{0} rules limit what people see.").format(found.rules))
	if found.redundant > threshold("complex_superfluous_rules"):
		sentences.append(_("{0} of the rules have no effect of their own.").format(found.redundant))
	if found.org_chart > threshold("complex_org_chart_rules"):
		sentences.append(_("{0} User Permissions copy the org chart.").format(found.org_chart))
	return sentences


def counts() -> dict[str, int]:
	"""Return how many rules of each kind there are, by the label of the kind, without kinds that have none."""
	doctypes = list(registry.tracked_doctypes())
	of_roles = effective_permissions.role_permissions(doctypes, ["read"])
	may_read = {(rule.parent, rule.role) for rule in of_roles if rule.read}
	standard = frappe.get_all(
		"DocPerm",
		filters={"parent": ("in", doctypes), "permlevel": 0, "read": 1, "role": ("!=", "Administrator")},
		fields=["parent", "role"],
	)
	found = {
		_("User Permissions"): sum(
			len(rows) for rows in simpler_user_permissions.limiting_tracked().values()
		),
		_("Restrictions"): len(register.all_in_force()),
		_("Conditions of other apps"): len(hooks_of_other_apps(doctypes)),
		_("Server Scripts"): frappe.db.count(
			"Server Script",
			{"script_type": "Permission Query", "reference_doctype": ("in", doctypes), "disabled": 0},
		),
		_("Roles limited to their own documents"): sum(
			bool(rule.if_owner and rule.read) for rule in of_roles
		),
		_("Roles without their standard read permission"): len(
			{(rule.parent, rule.role) for rule in standard} - may_read
		),
	}
	return {kind: count for kind, count in found.items() if count}


def hooks_of_other_apps(doctypes: list[str]) -> set[tuple[str, str]]:
	"""Return DocTypes with the functions of other apps that decide about them."""
	return {
		(doctype, path)
		for hook in ("permission_query_conditions", "has_permission")
		for doctype in doctypes
		for path in frappe.get_hooks(hook, {}).get(doctype, [])
		if not path.startswith(OUR_FUNCTIONS)
	}


def simplest() -> Simplest:
	"""Find the simplest set. Counts a few times for each person with User Permissions: seconds in large companies."""
	simplifier, permissions_of = Simplifier(), simpler_user_permissions.of_people()
	people = [simplifier.simplify(user, permissions) for user, permissions in sorted(permissions_of.items())]
	return Simplest(
		people=people,
		roles=simpler_restrictions.for_roles(simplifier, {each.user: each.after for each in people}),
		redundant=simpler_restrictions.redundant(),
		in_branches=simpler_user_permissions.people_in_branches(simplifier, permissions_of),
		superiors=simpler_user_permissions.superiors(simplifier, permissions_of),
	)


@frappe.whitelist(methods=["GET"])
def propose() -> Proposal:
	"""Return the rules there are, and the simplest set that hides the same from the same people, in words."""
	frappe.only_for(staff.MANAGER_ROLES)
	found, kinds = simplest(), counts()
	steps = [
		*steps_removing_user_permissions(found),
		*steps_merging_user_permissions(found),
		*steps_with_roles(found),
		*steps_withdrawing_restrictions(found),
	]
	before = sum(kinds.values())
	saved = sum(step["rules_before"] - step["rules_after"] for step in steps)
	return Proposal(
		kinds=kinds,
		rules_before=before,
		rules_after=before - saved,
		steps=steps,
		org_chart=sentences_about_org_chart(found),
	)


def step(text: str, people: Iterable[str], before: int, after: int) -> Step:
	names = sorted(get_fullname(user) for user in people)
	return Step(text=text, people=names, rules_before=before, rules_after=after)


def steps_removing_user_permissions(found: Simplest) -> list[Step]:
	by_allow: dict[str, list[str]] = {}
	for person in found.people:
		for permission in person.redundant:
			by_allow.setdefault(permission.allow, []).append(person.user)
	return [
		step(
			_("Remove User Permissions on {0} that have no effect of their own.").format(_(allow)),
			set(users),
			len(users),
			0,
		)
		for allow, users in sorted(by_allow.items())
	]


def steps_merging_user_permissions(found: Simplest) -> list[Step]:
	same: dict[tuple[Permissions, Permissions], list[str]] = {}
	for person in found.people:
		several = person.before - person.redundant - person.after
		if several:
			same.setdefault((several, person.after - person.before), []).append(person.user)
	return [
		step(
			_("Replace User Permissions on {1} with {0}.").format(values(instead), values(several))
			if instead
			else _("Remove User Permissions on {0}: others include them.").format(values(several)),
			people,
			len(several) * len(people),
			len(instead) * len(people),
		)
		for (several, instead), people in same.items()
	]


def steps_with_roles(found: Simplest) -> list[Step]:
	steps = []
	for each in found.roles:
		role = (
			_("the role {0}").format(_(each.role)) if each.role else _("a new role for exactly these people")
		)
		filters = "; ".join(
			_("{0} where {1}").format(
				_(restriction.document_type),
				_(" and ").join(in_words(restriction.document_type, restriction.record_filter)),
			)
			for restriction in each.restrictions
		)
		text = _(
			"Restrict {0} instead of giving {1} people the same User Permissions. Hidden: {2}. "
			"A restriction also hides what belongs to the hidden records, such as contacts and emails."
		).format(role, len(each.people), filters)
		steps.append(
			step(text, each.people, len(each.permissions) * len(each.people), len(each.restrictions))
		)
	return steps


def steps_withdrawing_restrictions(found: Simplest) -> list[Step]:
	return [
		step(
			_("Withdraw restriction {0}: {1} hides the same from the same people.").format(
				each.restriction.name, each.within.name
			)
			if each.within
			else _("Withdraw restriction {0}: it hides nothing from anybody.").format(each.restriction.name),
			(),
			1,
			0,
		)
		for each in found.redundant
	]


def sentences_about_org_chart(found: Simplest) -> list[str]:
	branches = [
		_("User Permissions limit {0} people to one branch of {1} each.").format(len(people), _(allow))
		for allow, people in found.in_branches.items()
	]
	superiors = [
		_("User Permissions of {0} people on {1} follow who reports to whom.").format(len(people), _(allow))
		for allow, people in found.superiors.items()
	]
	return [*branches, *superiors]


def values(permissions: Permissions) -> str:
	return shortened([f"{_(each.allow)} {each.for_value}" for each in sorted(permissions)], MOST_NAMES)
