"""How open the company is: the share of accounts that each person, or each role's people, can read, and what limits it.

Everybody sees the company's openness over time, the roles, and themselves. Managers see everybody. A role that hardly
anybody has is shown to managers only: it would tell what one person can read.
"""

from typing import TypedDict

import frappe
from frappe import _
from frappe.utils import escape_html, formatdate, get_fullname

from crm_transparency.crm_transparency import formatting, registry, staff
from crm_transparency.crm_transparency.report_parts import column
from crm_transparency.openness import limiting_rules, openness_figures, rule_texts, simpler_rules
from crm_transparency.openness.limiting_rules import Rule
from crm_transparency.openness.openness_figures import Share, Shares
from crm_transparency.openness.rule_texts import RuleText
from crm_transparency.openness.simpler_rules import Complexity

BY_ROLE = "By role"
DAYS_SHOWN = 365
FEWEST_IN_A_ROLE = 3
GENERAL_ROLES = ("All", "Guest", "Desk User", "Administrator")


class Person(TypedDict):
	#: by DocType
	shares: Shares
	rules: dict[str, list[Rule]]


People = dict[str, Person]


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, message, chart and summary. Raises PermissionError."""
	filters = frappe._dict(filters or {})
	snapshot = openness_figures.latest_snapshot()
	if not snapshot:
		message = _("Nothing is counted yet. This happens daily, or when a manager recalculates.")
		return columns(filters), [], message, None, []
	people = shown_people(openness_figures.shares_in(snapshot), filters)
	rows = rows_by_role(people, filters.role) if filters.view == BY_ROLE else rows_by_person(people)
	return columns(filters), rows, message_of(snapshot, people), chart(filters), summary(snapshot, filters)


def columns(filters: frappe._dict) -> list[dict]:
	is_by_role = filters.view == BY_ROLE
	who = column("who", _("Role") if is_by_role else _("Person"), 180)
	people = [column("people", _("People"), 90, "Int")] if is_by_role else []
	return [
		who,
		*people,
		column("overall", _("Can read"), 95, "Percent"),
		*(column(field_of(doctype), _(doctype), 105, "Percent") for doctype in doctypes(filters)),
		column("narrowed_by", _("Limited by"), 520),
	]


def field_of(doctype: str) -> str:
	return f"of_{frappe.scrub(doctype)}"


def doctypes(filters: frappe._dict) -> list[str]:
	return [each for each in registry.tracked_doctypes() if filters.document_type in (None, "", each)]


def shown_people(counted: dict[str, Shares], filters: frappe._dict) -> People:
	"""Return the people that the filters ask for and the reader may see; for roles, everybody."""
	users = set(counted)
	if not staff.is_manager():
		if filters.person not in (None, "", frappe.session.user):
			frappe.throw(
				_("Only managers see what others can read: {0}.").format(staff.roles_in_words()),
				exc=frappe.PermissionError,
			)
		if filters.view != BY_ROLE:
			users &= {frappe.session.user}
	elif filters.person:
		users &= {filters.person}
	if filters.role and filters.view != BY_ROLE:
		users &= staff.holders(filters.role)
	found = {}
	for user in counted:
		if user in users:
			shares = {each: counted[user][each] for each in doctypes(filters) if each in counted[user]}
			rules = {doctype: limiting_rules.limiting(user, doctype) for doctype in shares}
			found[user] = Person(shares=shares, rules=rules)
	return found


def rows_by_person(people: People) -> list[dict]:
	"""Return a row for each person, first those who can read least."""
	rows = []
	for user, person in people.items():
		rules = [
			rule_texts.text_of(rule, doctypes, user)
			for rule, doctypes in rule_texts.by_rule(person["rules"]).items()
		]
		note = _("changed since it was counted") if changed_since(person) else None
		texts = [rule["text"] for rule in rules] + ([f"({note})"] if note else [])
		rows.append(
			{
				"who": get_fullname(user),
				"user": user,
				"overall": openness_figures.overall(person["shares"].values()),
				**{field_of(doctype): share.percent for doctype, share in person["shares"].items()},
				"narrowed_by": "; ".join(texts),
				"rules": rules,
				"note": note,
			}
		)
	return sorted(rows, key=by_openness)


def rows_by_role(people: People, only: str | None = None) -> list[dict]:
	"""Return a row for each role, with the mean of all who have it: that of some of them could tell about one."""
	rows = []
	for role, users in holders(people).items():
		if (only and role != only) or (len(users) < FEWEST_IN_A_ROLE and not staff.is_manager()):
			continue
		shares = [people[user]["shares"] for user in users]
		rules = rules_of_role(users, people)
		rows.append(
			{
				"who": _(role),
				"people": len(users),
				"overall": openness_figures.mean(openness_figures.overall(each.values()) for each in shares),
				**{
					field_of(doctype): openness_figures.mean(
						each[doctype].percent for each in shares if doctype in each
					)
					for doctype in registry.tracked_doctypes()
				},
				"narrowed_by": "; ".join(rule["text"] for rule in rules),
				"rules": rules,
			}
		)
	return sorted(rows, key=by_openness)


def by_openness(row: dict) -> tuple:
	return (100 if row["overall"] is None else row["overall"], row["who"])


def holders(people: People) -> dict[str, list[str]]:
	found: dict[str, list[str]] = {}
	for row in frappe.get_all(
		"Has Role",
		filters={
			"parenttype": "User",
			"parent": ("in", list(people) or [""]),
			"role": ("not in", GENERAL_ROLES),
		},
		fields=["role", "parent"],
	):
		found.setdefault(row.role, []).append(row.parent)
	return found


def rules_of_role(users: list[str], people: People) -> list[RuleText]:
	"""Return how many of a role's people each restriction or kind of rule limits, without values of their rules."""
	limited: dict[Rule, set[str]] = {}
	doctypes_of: dict[Rule, dict[str, None]] = {}
	for user in users:
		for rule, doctypes in rule_texts.by_rule(people[user]["rules"]).items():
			is_restriction = rule.kind == limiting_rules.BY_RESTRICTION
			key = rule if is_restriction else rule._replace(documents=())
			limited.setdefault(key, set()).add(user)
			doctypes_of.setdefault(key, {}).update(dict.fromkeys(doctypes))
	return [
		rule_of_role(rule, list(doctypes_of[rule]), len(concerned)) for rule, concerned in limited.items()
	]


def rule_of_role(rule: Rule, doctypes: list[str], people: int) -> RuleText:
	if rule.kind == limiting_rules.BY_USER_PERMISSION:
		text = rule_texts.plain(_("User Permissions on {0}").format(_(rule.source)))
	elif rule.kind == limiting_rules.BY_APP:
		app = limiting_rules.app_of(rule.source)
		text = rule_texts.plain(_("A condition of the app {0}").format(app))
	else:
		text = rule_texts.text_of(rule, doctypes, None)
	counted = _("{0} (1 person)") if people == 1 else _("{0} ({1} people)")
	return {**text, "text": counted.format(text["text"], people)}


def changed_since(person: Person) -> bool:
	"""Return whether the rules that limit a person have changed since it was counted."""
	return any(
		share.rules != openness_figures.fingerprint(person["rules"][doctype])
		for doctype, share in person["shares"].items()
	)


def message_of(snapshot: frappe._dict, people: People) -> str:
	"""Return as HTML when it was counted, what has changed since, and a warning about complex rules."""
	sentences = [_("Counted on {0}.").format(formatting.moment(snapshot.counted_on, frappe.session.user))]
	if any(changed_since(person) for person in people.values()):
		sentences.append(
			_("Some rules have changed since: shares are from the count, rules are the current ones.")
		)
	if not staff.is_manager():
		sentences.append(_("You see the company's openness, roles, and yourself. Managers see everybody."))
	html = f"<p>{escape_html(' '.join(sentences))}</p>"
	warnings = simpler_rules.warnings(
		Complexity(snapshot.rules, snapshot.superfluous_rules, snapshot.org_chart_rules)
	)
	if not warnings:
		return html
	title, hint = _("The rules are getting complex."), _("See “Simplify rules” for a simpler set.")
	warning = f"<b>{title}</b> {escape_html(' '.join(warnings))} {hint}"
	return f"{html}<p class='openness-warning'>{warning}</p>"


def chart(filters: frappe._dict) -> dict | None:
	days = openness_figures.history(DAYS_SHOWN, filters.document_type)
	if not days:
		return None
	name = _(filters.document_type) if filters.document_type else _("All tracked documents")
	return {
		"title": _("Openness of the company (%)"),
		"type": "line" if len(days) > 1 else "bar",
		"fieldtype": "Percent",
		"colors": ["#449cf0"],
		"lineOptions": {"regionFill": 1, "hideDots": int(len(days) > 31)},
		"axisOptions": {"xIsSeries": 1},
		"data": {
			"labels": [formatdate(each.day) for each in days],
			"datasets": [{"name": name, "values": [round(each.openness, 1) for each in days]}],
			# without these the axis would begin just below the lowest figure, and make small changes look large
			"yMarkers": [{"label": "", "value": 0}, {"label": _("Everything"), "value": 100}],
		},
	}


def summary(snapshot: frappe._dict, filters: frappe._dict) -> list[dict]:
	"""Return the company's openness, and that of the reader or the person asked for."""
	person = filters.person or frappe.session.user
	shares: dict[str, Share] | None = openness_figures.shares_in(snapshot).get(person)
	figures = [
		(_("The company's openness"), snapshot.openness, "Percent"),
		(
			_("{0} can read").format(get_fullname(person)),
			openness_figures.overall(shares.values()) if shares else None,
			"Percent",
		),
		(_("People"), snapshot.people, "Int"),
		(_("Rules"), snapshot.rules, "Int"),
	]
	return [
		{"label": label, "value": value, "datatype": fieldtype, "indicator": "Blue"}
		for label, value, fieldtype in figures
		if value is not None
	]


@frappe.whitelist(methods=["POST"])
def recalculate() -> bool:
	"""Count again now; return whether that is done, or continues in the background."""
	frappe.only_for(staff.MANAGER_ROLES)
	return openness_figures.recalculate()
