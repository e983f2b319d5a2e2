"""How open the company is: the share of accounts that each person, or each role's people, can read, and what narrows it.

Everybody sees the company's figure over time, the roles, and themselves. Managers see everybody. A role that hardly
anybody holds is shown to managers only: it would say what one person can read.
"""

import frappe
from frappe import _
from frappe.utils import escape_html, formatdate, get_fullname

from crm_transparency.crm_transparency import managers, registry
from crm_transparency.crm_transparency.columns import column
from crm_transparency.openness import visibility
from crm_transparency.openness.complexity import assessment
from crm_transparency.openness.complexity.assessment import Complexity
from crm_transparency.openness.seeing import shares, snapshots, words
from crm_transparency.openness.seeing.shares import Share, Shares
from crm_transparency.openness.visibility import Rule

BY_ROLE = "By role"
DAYS_SHOWN = 365
EVERYTHING = 100
FEWEST_IN_A_ROLE = 3
SAY_NOTHING = ("All", "Guest", "Desk User", "Administrator")
#: by person, then by DocType
Rules = dict[str, dict[str, list[Rule]]]


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, what is to be said about them, the chart, and the figure. Raises PermissionError."""
	filters = frappe._dict(filters or {})
	snapshot = snapshots.latest()
	if not snapshot:
		return (
			columns(filters),
			[],
			_("Nothing was counted yet. A daily job counts, or a manager now."),
			None,
			[],
		)
	counted = narrowed_down(snapshots.of_people(snapshot), filters)
	rules = rules_now(counted)
	rows = (
		rows_by_role(counted, rules, filters.role)
		if filters.view == BY_ROLE
		else rows_by_person(counted, rules)
	)
	return (
		columns(filters),
		rows,
		message(snapshot, counted, rules),
		chart(filters),
		summary(snapshot, filters),
	)


def columns(filters: frappe._dict) -> list[dict]:
	is_by_role = filters.view == BY_ROLE
	who = column("who", _("Role") if is_by_role else _("Person"), 180)
	people = [column("people", _("People"), 90, "Int")] if is_by_role else []
	return [
		who,
		*people,
		column("overall", _("Can read"), 95, "Percent"),
		*(column(f"of_{frappe.scrub(doctype)}", _(doctype), 105, "Percent") for doctype in doctypes(filters)),
		column("narrowed_by", _("Narrowed by"), 520),
	]


def doctypes(filters: frappe._dict) -> list[str]:
	return [each for each in registry.tracked_doctypes() if filters.document_type in (None, "", each)]


def narrowed_down(counted: dict[str, Shares], filters: frappe._dict) -> dict[str, Shares]:
	"""Return the people that the filters ask for and the reader may see; of roles, everybody's shares."""
	people = set(counted)
	if not managers.is_manager():
		if filters.person not in (None, "", frappe.session.user):
			frappe.throw(
				_("Only managers see what others can read: {0}.").format(managers.roles_in_words()),
				exc=frappe.PermissionError,
			)
		if filters.view != BY_ROLE:
			people &= {frappe.session.user}
	elif filters.person:
		people &= {filters.person}
	if filters.role and filters.view != BY_ROLE:
		people &= set(
			frappe.get_all("Has Role", filters={"role": filters.role, "parenttype": "User"}, pluck="parent")
		)
	wanted = doctypes(filters)
	return {
		user: {doctype: each[doctype] for doctype in wanted if doctype in each}
		for user, each in counted.items()
		if user in people
	}


def rules_now(counted: dict[str, Shares]) -> Rules:
	return {
		user: {doctype: visibility.rules_narrowing(user, doctype) for doctype in of_person}
		for user, of_person in counted.items()
	}


def rows_by_person(counted: dict[str, Shares], rules: Rules) -> list[dict]:
	"""Return a row a person, those first who can read least."""
	names = dict(
		frappe.get_all(
			"User", filters={"name": ("in", list(counted))}, fields=["name", "full_name"], as_list=True
		)
		if counted
		else ()
	)
	rows = []
	for user, of_person in counted.items():
		told = told_once(rules[user], user)
		note = _("changed since it was counted") if changed_since(of_person, rules[user]) else None
		rows.append(
			{
				"who": names.get(user) or user,
				"user": user,
				**percentages(of_person),
				"narrowed_by": "; ".join(
					[*(each["text"] for each in told), *([f"({note})"] if note else [])]
				),
				"rules": told,
				"note": note,
			}
		)
	return sorted(rows, key=by_openness)


def rows_by_role(counted: dict[str, Shares], rules: Rules, only: str | None = None) -> list[dict]:
	"""Return a row a role, with the mean of all people who hold it: that of some of them could tell about one."""
	rows = []
	for role, people in holders(counted).items():
		if only and role != only:
			continue
		if len(people) < FEWEST_IN_A_ROLE and not managers.is_manager():
			continue
		told = kinds(people, rules)
		means = {
			doctype: shares.mean(
				counted[user][doctype].percent for user in people if doctype in counted[user]
			)
			for doctype in registry.tracked_doctypes()
		}
		rows.append(
			{
				"who": _(role),
				"people": len(people),
				"overall": shares.mean(shares.overall(counted[user].values()) for user in people),
				**{f"of_{frappe.scrub(doctype)}": mean for doctype, mean in means.items()},
				"narrowed_by": "; ".join(each["text"] for each in told),
				"rules": told,
			}
		)
	return sorted(rows, key=by_openness)


def percentages(of_person: Shares) -> dict[str, float | None]:
	each = {f"of_{frappe.scrub(doctype)}": share.percent for doctype, share in of_person.items()}
	return {"overall": shares.overall(of_person.values()), **each}


def by_openness(row: dict) -> tuple:
	return (100 if row["overall"] is None else row["overall"], row["who"])


def holders(counted: dict[str, Shares]) -> dict[str, list[str]]:
	found: dict[str, list[str]] = {}
	for row in frappe.get_all(
		"Has Role",
		filters={
			"parenttype": "User",
			"parent": ("in", list(counted) or [""]),
			"role": ("not in", SAY_NOTHING),
		},
		fields=["role", "parent"],
	):
		found.setdefault(row.role, []).append(row.parent)
	return found


def told_once(rules: dict[str, list[Rule]], user: str) -> list[words.Told]:
	"""Return a person's rules in words, each once, with all the DocTypes that it narrows."""
	return [words.told(rule, doctypes, user) for rule, doctypes in words.by_rule(rules).items()]


def kinds(people: list[str], rules: Rules) -> list[words.Told]:
	"""Return how many of a role's people are narrowed by which restriction or kind of rule; values stay private."""
	concerned: dict[Rule, set[str]] = {}
	narrowed: dict[Rule, dict[str, None]] = {}
	for user in people:
		for rule, doctypes in words.by_rule(rules[user]).items():
			is_registered = rule.kind == visibility.BY_RESTRICTION
			key = rule if is_registered else rule._replace(documents=())
			concerned.setdefault(key, set()).add(user)
			narrowed.setdefault(key, {}).update(dict.fromkeys(doctypes))
	return [in_words(rule, list(narrowed[rule]), len(users)) for rule, users in concerned.items()]


def in_words(rule: Rule, doctypes: list[str], people: int) -> words.Told:
	if rule.kind == visibility.BY_RESTRICTION:
		told = words.told_restriction(rule.documents[0])
	elif rule.kind == visibility.BY_USER_PERMISSION:
		told = words.unlinked(_("User Permissions on {0}").format(_(rule.source)))
	elif rule.kind == visibility.BY_APP:
		told = words.unlinked(_("A condition of the app {0}").format(rule.source.split(".")[0]))
	else:
		told = words.told(rule, doctypes, None)
	return {**told, "text": _("{0} ({1} people)").format(told["text"], people)}


def changed_since(of_person: dict[str, Share], rules: dict[str, list[Rule]]) -> bool:
	return any(share.rules != shares.fingerprint(rules[doctype]) for doctype, share in of_person.items())


def message(snapshot: frappe._dict, counted: dict[str, Shares], rules: Rules) -> str:
	"""Return as HTML when it was counted, what has changed since, and a warning of complex rules."""
	sentences = [snapshots.note_of_count(snapshot)]
	if any(changed_since(counted[user], rules[user]) for user in counted):
		sentences.append(
			_("Some rules changed since: the shares show what was, the rules what is in force now.")
		)
	if not managers.is_manager():
		sentences.append(_("You see the company's figure, roles, and yourself; managers see everybody."))
	found = assessment.warnings(
		Complexity(snapshot.rules, snapshot.superfluous_rules, snapshot.org_chart_rules)
	)
	if found:
		hint = _("Keep it simple: a simpler set that closes the same can be proposed.")
		warning = f"<b>{_('The rules become complex.')}</b> {escape_html(' '.join(found))} {hint}"
		return f"<p>{escape_html(' '.join(sentences))}</p><p class='openness-warning'>{warning}</p>"
	return f"<p>{escape_html(' '.join(sentences))}</p>"


def chart(filters: frappe._dict) -> dict | None:
	days = (
		snapshots.history_of(filters.document_type, DAYS_SHOWN)
		if filters.document_type
		else snapshots.history(DAYS_SHOWN)
	)
	if not days:
		return None
	name = _(filters.document_type) if filters.document_type else _("All tracked documents")
	return {
		"title": _("Openness of the company, in percent"),
		"type": "line" if len(days) > 1 else "bar",
		"fieldtype": "Percent",
		"colors": ["#449cf0"],
		"lineOptions": {"regionFill": 1, "hideDots": int(len(days) > 31)},
		"axisOptions": {"xIsSeries": 1},
		"data": {
			"labels": [formatdate(each.day) for each in days],
			"datasets": [{"name": name, "values": [round(each.openness, 1) for each in days]}],
			# without these the axis would begin just below the lowest figure, and make small changes look large
			"yMarkers": [{"label": "", "value": 0}, {"label": _("Everything"), "value": EVERYTHING}],
		},
	}


def summary(snapshot: frappe._dict, filters: frappe._dict) -> list[dict]:
	"""Return the company's figure, and that of the reader or the person asked for."""
	person = filters.person or frappe.session.user
	own = snapshots.of_people(snapshot).get(person)
	figures = [
		(_("The company's openness"), snapshot.openness, "Percent"),
		(
			_("{0} can read").format(get_fullname(person)),
			shares.overall(own.values()) if own else None,
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
