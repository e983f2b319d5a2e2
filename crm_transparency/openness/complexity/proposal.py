"""The simplest set of rules that closes the same for the same people, as it stands today, proven step by step."""

from typing import NamedTuple, TypedDict

from frappe import _
from frappe.utils import get_fullname

from crm_transparency.crm_transparency.lists import shortened
from crm_transparency.openness.complexity import contained, for_roles, org_chart, rules, user_permissions
from crm_transparency.openness.complexity.contained import Contained
from crm_transparency.openness.complexity.for_roles import ForRole
from crm_transparency.openness.complexity.user_permissions import (
	Permissions,
	Simplified,
	Simplifying,
)
from crm_transparency.restrictions.filters import in_words

MOST_NAMES = 4


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
	#: sentences about what copies the org chart
	org_chart: list[str]


class Simplest(NamedTuple):
	"""What the simplest set consists of, before it is put in words."""

	people: list[Simplified]
	roles: list[ForRole]
	contained: list[Contained]
	in_branches: dict[str, set[str]]
	superiors: dict[str, set[str]]

	@property
	def superfluous(self) -> int:
		return sum(len(each.superfluous) for each in self.people) + len(self.contained)

	@property
	def like_org_chart(self) -> int:
		"""Return how many User Permissions follow the org chart."""
		people = {
			(allow, user)
			for copies in (self.in_branches, self.superiors)
			for allow, users in copies.items()
			for user in users
		}
		before = {each.user: each.before for each in self.people}
		return sum(1 for allow, user in people for permission in before[user] if permission.allow == allow)


def simplest() -> Simplest:
	"""Work the simplest set out. Counts a few times for each person with User Permissions: seconds in large companies."""
	simplifying, of_people = Simplifying(), user_permissions.of_people()
	people = [simplifying.person(user, permissions) for user, permissions in sorted(of_people.items())]
	return Simplest(
		people=people,
		roles=for_roles.proposals(simplifying, {each.user: each.after for each in people}),
		contained=contained.contained(),
		in_branches=org_chart.people_in_branches(simplifying, of_people),
		superiors=org_chart.superiors(simplifying, of_people),
	)


def propose() -> Proposal:
	"""Return the simplest equivalent set in words."""
	found = simplest()
	kinds = rules.counts()
	steps = [*dropped(found), *merged(found), *given_to_roles(found), *restrictions_dropped(found)]
	before = sum(kinds.values())
	saved = sum(step["rules_before"] - step["rules_after"] for step in steps)
	return Proposal(
		kinds=kinds,
		rules_before=before,
		rules_after=before - saved,
		steps=steps,
		org_chart=sentences_about_org_chart(found),
	)


def dropped(found: Simplest) -> list[Step]:
	"""Return a step for each DocType that superfluous User Permissions allow."""
	steps = []
	for allow in sorted({each.allow for person in found.people for each in person.superfluous}):
		concerned = [p for p in found.people if any(each.allow == allow for each in p.superfluous)]
		text = _("Drop User Permissions on {0} that hide nothing beyond what others hide.").format(_(allow))
		count = sum(1 for p in concerned for each in p.superfluous if each.allow == allow)
		steps.append(
			Step(text=text, people=names(p.user for p in concerned), rules_before=count, rules_after=0)
		)
	return steps


def merged(found: Simplest) -> list[Step]:
	"""Return a step for each way in which nodes of a tree stand for several below them."""
	same: dict[tuple[Permissions, Permissions], list[str]] = {}
	for person in found.people:
		several = person.before - person.superfluous - person.after
		if several:
			same.setdefault((several, person.after - person.before), []).append(person.user)
	steps = []
	for (several, instead), people in same.items():
		text = (
			_("Let User Permissions on {0} stand for those on {1}.").format(values(instead), values(several))
			if instead
			else _("Drop User Permissions on {0}: they lie below others.").format(values(several))
		)
		steps.append(
			Step(
				text=text,
				people=names(people),
				rules_before=len(several) * len(people),
				rules_after=len(instead) * len(people),
			)
		)
	return steps


def given_to_roles(found: Simplest) -> list[Step]:
	steps = []
	for each in found.roles:
		role = (
			_("the role {0}").format(_(each.role)) if each.role else _("a role that exactly these people get")
		)
		filters = "; ".join(
			_("{0} where {1}").format(
				_(restriction.document_type),
				_(" and ").join(in_words(restriction.document_type, restriction.record_filter)),
			)
			for restriction in each.restrictions
		)
		text = _(
			"Register restrictions for {0} instead of the same User Permissions for {1} people. Hidden: {2}. "
			"A restriction also hides what belongs to the hidden records, such as contacts and mails."
		).format(role, len(each.people), filters)
		steps.append(
			Step(
				text=text,
				people=names(each.people),
				rules_before=len(each.permissions) * len(each.people),
				rules_after=len(each.restrictions),
			)
		)
	return steps


def restrictions_dropped(found: Simplest) -> list[Step]:
	return [
		Step(
			text=_(
				"Withdraw the restriction {0}: it hides nothing that {1} doesn't hide from the same people."
			).format(each.restriction.name, each.within.name)
			if each.within
			else _("Withdraw the restriction {0}: it hides nothing from anybody.").format(
				each.restriction.name
			),
			people=[],
			rules_before=1,
			rules_after=0,
		)
		for each in found.contained
	]


def sentences_about_org_chart(found: Simplest) -> list[str]:
	branches = [
		_("User Permissions of {0} people follow the tree of {1}, a branch each.").format(
			len(people), _(allow)
		)
		for allow, people in found.in_branches.items()
	]
	superiors = [
		_("User Permissions of {0} people on {1} follow who reports to whom.").format(len(people), _(allow))
		for allow, people in found.superiors.items()
	]
	return [*branches, *superiors]


def values(permissions: Permissions) -> str:
	listed = sorted(permissions)
	return shortened([f"{_(each.allow)} {each.for_value}" for each in listed], MOST_NAMES)


def names(users) -> list[str]:
	return sorted(get_fullname(user) for user in users)
