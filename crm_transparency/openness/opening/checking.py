"""Every night: is what was decided to be open still open? What isn't is found, with who closed it and when.

What a person can't see by a registered restriction is no finding, and neither are the User Permissions and the
conditions of apps that were there when it was decided: these are listed on the page.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import get_datetime, get_fullname, now_datetime

from crm_transparency.crm_transparency import registry, role_rules
from crm_transparency.crm_transparency.colleagues import COLLEAGUE
from crm_transparency.openness import visibility
from crm_transparency.openness.opening import changes, choices, notices, witness
from crm_transparency.openness.visibility import BY_APP, BY_SERVER_SCRIPT, BY_USER_PERMISSION, Rule

FINDING = "Openness Finding"
OPEN, SOLVED, LEFT = "Open", "Solved", "Left as it is"
RULE_GONE, ROLE_GONE, NOT_OPEN_YET = "Rule of colleagues", "Role of colleagues", "Not open yet"
OUR_CONDITIONS = "crm_transparency."
#: what is left as it is, and changed later, is another decision
CAN_CLOSE_FURTHER = (BY_USER_PERMISSION, BY_SERVER_SCRIPT)


class Closed(NamedTuple):
	"""Something that isn't open although it was decided."""

	kind: str
	explanation: str
	#: what makes it the same finding tomorrow
	key: tuple[str, ...]
	#: where to look: part of an address in the Desk
	looked_up_in: str
	document_type: str | None = None
	user: str | None = None
	closed_by: str | None = None
	closed_on: str | None = None


def check_nightly() -> None:
	"""Scheduled. Does nothing as long as nobody decided what is open."""
	check()


def check() -> list[str]:
	"""Compare what is open with what was decided, and write down what differs; return the names of new findings."""
	if not changes.open_doctypes():
		solve_all_but(set())
		return []
	found = {key_of(closed): closed for closed in what_closed()}
	known = {
		row.finding_key: row
		for row in frappe.get_all(
			FINDING, fields=["name", "finding_key", "status", "settled_on"], limit_page_length=0
		)
	}
	new = []
	for key, closed in found.items():
		if key not in known:
			new.append(write_down(key, closed))
		elif known[key].status == SOLVED or closed_further(known[key], closed):
			frappe.delete_doc(
				FINDING, known[key].name, force=True, ignore_permissions=True, delete_permanently=True
			)
			new.append(write_down(key, closed))
	solve_all_but(set(found))
	notices.tell_managers(new)
	return new


def closed_further(finding: frappe._dict, closed: Closed) -> bool:
	"""Say whether somebody closed more since it was decided to leave a finding as it is."""
	return (
		finding.status == LEFT
		and closed.kind in CAN_CLOSE_FURTHER
		and bool(closed.closed_on)
		and get_datetime(closed.closed_on) > get_datetime(finding.settled_on)
	)


def key_of(closed: Closed) -> str:
	return hashlib.sha256("\n".join((closed.kind, *closed.key)).encode()).hexdigest()


def write_down(key: str, closed: Closed) -> str:
	values = closed._asdict()
	del values["key"]
	finding = frappe.get_doc(doctype=FINDING, finding_key=key, status=OPEN, found_on=now_datetime(), **values)
	return finding.insert(ignore_permissions=True, ignore_links=True).name


def solve_all_but(keys: set[str]) -> None:
	"""What was found before and isn't any more is solved, whoever opened it again."""
	for row in frappe.get_all(
		FINDING, filters={"status": ("in", (OPEN, LEFT))}, fields=["name", "finding_key"]
	):
		if row.finding_key not in keys:
			frappe.db.set_value(FINDING, row.name, {"status": SOLVED, "settled_on": now_datetime()})


def what_closed() -> Iterator[Closed]:
	opened = changes.opened_on()
	by_rule = rules_gone(list(opened))
	for doctype, rule in by_rule.items():
		yield rule_gone(doctype, rule, opened[doctype].reapplied_on)
	yield from not_open_yet(set(opened))
	still_open = {
		doctype: change
		for doctype, change in opened.items()
		if doctype not in by_rule or "read" not in rights_gone(by_rule[doctype])
	}
	known = known_conditions(still_open)
	seen: set[tuple] = set()
	for user in visibility.desk_users():
		if COLLEAGUE not in frappe.get_roles(user):
			yield role_gone(user)
			continue
		for doctype, change in still_open.items():
			for rule in visibility.rules_narrowing(user, doctype):
				closed = closed_by_rule(user, doctype, rule, change, known)
				if closed and (closed.kind, closed.key) not in seen:
					seen.add((closed.kind, closed.key))
					yield closed


def rules_gone(doctypes: list[str]) -> dict[str, frappe._dict | None]:
	"""Return those DocTypes on which colleagues lack an open right, with their rule if it's still there."""
	rules = {
		rule.parent: rule
		for rule in role_rules.in_force(doctypes, [*choices.OPEN_RIGHTS, "modified_by", "modified"])
		if rule.role == COLLEAGUE and not rule.if_owner
	}
	return {doctype: rules.get(doctype) for doctype in doctypes if rights_gone(rules.get(doctype))}


def rights_gone(rule: frappe._dict | None) -> list[str]:
	return [right for right in choices.OPEN_RIGHTS if not (rule and rule[right])]


def rule_gone(doctype: str, rule: frappe._dict | None, since: datetime) -> Closed:
	"""The rule of colleagues was taken away or lost the right to read."""
	if rule:
		trace = witness.latest(since, witness.CHANGED, document_type=doctype, role=COLLEAGUE)
		if not trace and rule.modified > since:
			trace = witness.Trace(rule.modified_by, rule.modified)
	else:
		trace = witness.latest(
			since, witness.REMOVED, document_type=doctype, role=COLLEAGUE
		) or witness.latest(since, witness.RESET, document_type=doctype)
	gone = rights_gone(rule)
	may_read = "read" not in gone
	if may_read:
		explanation = _("{0} lacks rights on {1} that were decided to be open: {2}.").format(
			_(COLLEAGUE), _(doctype), ", ".join(_(frappe.unscrub(right)) for right in gone)
		)
	else:
		explanation = _("{0} may no longer read {1}. It was decided to be open.").format(
			_(COLLEAGUE), _(doctype)
		)
	return Closed(
		RULE_GONE,
		explanation,
		(doctype, *gone) if may_read else (doctype,),
		f"permission-manager/{doctype}",
		document_type=doctype,
		**by(trace),
	)


def role_gone(user: str) -> Closed:
	"""Somebody who works in the Desk doesn't have the role of colleagues."""
	trace = witness.latest(action=witness.REMOVED, role=COLLEAGUE, user=user, document_type="User")
	trace = trace or witness.who_made(user)
	explanation = _("{0} doesn't have the role {1}, so what is open isn't open to them.").format(
		get_fullname(user), _(COLLEAGUE)
	)
	return Closed(ROLE_GONE, explanation, (user,), f"user/{user}", user=user, **by(trace))


def not_open_yet(opened: set[str]) -> Iterator[Closed]:
	"""What is tracked or open by default and came later: by another app, or by a new version of this one."""
	decided_before = declined()
	for doctype in [*registry.tracked_doctypes(), *choices.DEFAULTS]:
		if doctype in opened or doctype in decided_before or not choices.can_be_opened(doctype):
			continue
		opened.add(doctype)
		made = frappe.db.get_value("DocType", doctype, ["owner", "creation"], as_dict=True)
		explanation = _("{0} came after it was decided what is open. Nobody decided about it yet.")
		yield Closed(
			NOT_OPEN_YET,
			explanation.format(_(doctype)),
			(doctype,),
			"openness-setup",
			document_type=doctype,
			closed_on=made.creation,
		)


def declined() -> set[str]:
	"""Return what existed when it was last decided what is open, and was left closed."""
	decided = frappe.get_all(
		changes.CHANGE,
		filters={"kind": changes.OPENING, "status": changes.APPLIED},
		pluck="left_closed",
	)
	return {doctype for each in decided for doctype in (each or "").split("\n")}


def closed_by_rule(user: str, doctype: str, rule: Rule, change: frappe._dict, known: dict) -> Closed | None:
	if rule.kind == BY_USER_PERMISSION:
		return new_user_permission(user, rule, change)
	if (
		rule.kind == BY_APP
		and rule.source not in known[doctype]
		and not rule.source.startswith(OUR_CONDITIONS)
	):
		return Closed(
			BY_APP,
			rule.explanation,
			(doctype, rule.source),
			"installed-applications",
			document_type=doctype,
			closed_on=installed_on(rule.source.split(".")[0]),
		)
	if rule.kind == BY_SERVER_SCRIPT:
		[name] = rule.documents
		script = frappe.db.get_value("Server Script", name, ["modified_by", "modified"], as_dict=True)
		if script.modified > change.applied_on:
			return Closed(
				BY_SERVER_SCRIPT,
				rule.explanation,
				(doctype, name),
				f"server-script/{name}",
				document_type=doctype,
				closed_by=script.modified_by,
				closed_on=script.modified,
			)
	return None


def new_user_permission(user: str, rule: Rule, change: frappe._dict) -> Closed | None:
	"""User Permissions that were made or changed since it was decided."""
	rows = frappe.get_all(
		visibility.USER_PERMISSION,
		filters={"name": ("in", rule.documents), "modified": (">", change.applied_on)},
		fields=["for_value", "modified_by", "modified"],
		order_by="modified desc",
	)
	if not rows:
		return None
	return Closed(
		BY_USER_PERMISSION,
		_("User Permissions let {0} see only what belongs to {1}: {2}.").format(
			get_fullname(user), _(rule.source), ", ".join(sorted({row.for_value for row in rows}))
		),
		(user, rule.source),
		f"user-permission?user={user}&allow={rule.source}",
		document_type=rule.source,
		user=user,
		closed_by=rows[0].modified_by,
		closed_on=rows[0].modified,
	)


def known_conditions(opened: dict[str, frappe._dict]) -> dict[str, set[str]]:
	"""Return by DocType the conditions of apps that were there when it was opened."""
	found = {}
	for doctype, change in opened.items():
		kept = frappe.parse_json(frappe.db.get_value(changes.CHANGE, change.name, "known_conditions") or "{}")
		found[doctype] = set(kept.get(doctype, ()))
	return found


def installed_on(app: str):
	"""Return since when the app has been there: its modules tell, Installed Applications is written anew each time."""
	made = frappe.get_all(
		"Module Def", filters={"app_name": app}, pluck="creation", order_by="creation", limit=1
	)
	return made[0] if made else None


def by(trace: witness.Trace | None) -> dict:
	return {"closed_by": trace.changed_by, "closed_on": trace.changed_on} if trace else {}
