"""The access guard: finds every night what was opened and is no longer open, with who changed that and when.

These access regressions don't include what a registered restriction hides, nor User Permissions and conditions of apps
that existed when it was decided what is open: the page lists those.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, get_datetime, get_fullname, now_datetime

from crm_transparency.crm_transparency import effective_permissions, formatting, mail, registry
from crm_transparency.crm_transparency.staff import COLLEAGUE
from crm_transparency.openness import limiting_rules, open_doctypes, permission_changes, visibility
from crm_transparency.openness.limiting_rules import (
	BY_APP,
	BY_SERVER_SCRIPT,
	BY_USER_PERMISSION,
	OUR_FUNCTIONS,
	USER_PERMISSION,
	Rule,
)
from crm_transparency.openness.open_doctypes import APPLIED, CHANGE, OPEN_RIGHTS, OPENING
from crm_transparency.openness.permission_changes import CHANGED, REMOVED, RESET, Change
from crm_transparency.restrictions import business_owners

FINDING = "Openness Finding"
OPEN, RESOLVED, ACCEPTED = "Open", "Resolved", "Accepted"
#: parts of the keys of findings, so they stay as they are
RIGHTS_MISSING, ROLE_MISSING, UNDECIDED = "Rule of colleagues", "Role of colleagues", "Not open yet"
#: if these change after a regression was accepted, that is another decision
CAN_GET_WORSE = (BY_USER_PERMISSION, BY_SERVER_SCRIPT)


class Regression(NamedTuple):
	"""Something that isn't open although that was decided."""

	kind: str
	explanation: str
	#: what makes it the same one tomorrow
	key: tuple[str, ...]
	#: where to look: part of an address in the Desk
	looked_up_in: str
	document_type: str | None = None
	user: str | None = None
	closed_by: str | None = None
	closed_on: datetime | str | None = None


def check() -> list[str]:
	"""Compare what is open with what was decided; save the regressions, and return the names of new ones. Nightly."""
	found = {key_of(regression): regression for regression in regressions()}
	known = {
		row.finding_key: row
		for row in frappe.get_all(FINDING, fields=["name", "finding_key", "status", "settled_on"])
	}
	new = []
	for key, regression in found.items():
		if key not in known:
			new.append(save(key, regression))
		elif known[key].status == RESOLVED or got_worse(known[key], regression):
			frappe.delete_doc(
				FINDING, known[key].name, force=True, ignore_permissions=True, delete_permanently=True
			)
			new.append(save(key, regression))
	for key, row in known.items():
		if key not in found and row.status != RESOLVED:
			frappe.db.set_value(FINDING, row.name, {"status": RESOLVED, "settled_on": now_datetime()})
	notify_managers(new)
	return new


def got_worse(finding: frappe._dict, regression: Regression) -> bool:
	"""Return whether somebody limited access further after the finding was accepted."""
	return (
		finding.status == ACCEPTED
		and regression.kind in CAN_GET_WORSE
		and bool(regression.closed_on)
		and get_datetime(regression.closed_on) > get_datetime(finding.settled_on)
	)


def accept(finding: Document, reason: str) -> None:
	"""Settle a finding without opening anything."""
	finding.update(
		{
			"status": ACCEPTED,
			"settled_by": frappe.session.user,
			"settled_on": now_datetime(),
			"settled_reason": reason.strip(),
		}
	)
	finding.save(ignore_permissions=True)


def key_of(regression: Regression) -> str:
	return hashlib.sha256("\n".join((regression.kind, *regression.key)).encode()).hexdigest()


def save(key: str, regression: Regression) -> str:
	values = regression._asdict()
	del values["key"]
	finding = frappe.get_doc(doctype=FINDING, finding_key=key, status=OPEN, found_on=now_datetime(), **values)
	return finding.insert(ignore_permissions=True, ignore_links=True).name


def notify_managers(findings: list[str]) -> None:
	"""Notify managers of new findings in their languages. Frappe doesn't email notifications of this type."""
	managers = business_owners.drafters() if findings else []
	for name in findings:
		explanation = escape_html(frappe.db.get_value(FINDING, name, "explanation"))
		for manager in managers:
			subject = _("Access regression: {0}", lang=formatting.language_of(manager)).format(explanation)
			mail.notify(manager, subject, (FINDING, name))


def regressions() -> Iterator[Regression]:
	"""Yield what isn't open although that was decided; nothing as long as nobody decided anything."""
	opened = open_doctypes.openings()
	if not opened:
		return
	rules = {
		rule.parent: rule
		for rule in effective_permissions.role_permissions(
			list(opened), [*OPEN_RIGHTS, "modified_by", "modified"]
		)
		if rule.role == COLLEAGUE and not rule.if_owner
	}
	for doctype, change in opened.items():
		if missing := missing_rights(rules.get(doctype)):
			yield rights_missing(doctype, rules.get(doctype), missing, change.reapplied_on)
	yield from undecided(set(opened))
	readable = {
		doctype: change
		for doctype, change in opened.items()
		if "read" not in missing_rights(rules.get(doctype))
	}
	yield from of_people(readable)


def of_people(opened: dict[str, frappe._dict]) -> Iterator[Regression]:
	"""Yield people without the role of colleagues, and new rules that limit what people see, each once."""
	known = known_conditions(opened)
	seen: set[tuple] = set()
	for user in visibility.desk_users():
		if COLLEAGUE not in frappe.get_roles(user):
			yield role_missing(user)
			continue
		for doctype, change in opened.items():
			for rule in limiting_rules.limiting(user, doctype):
				regression = by_rule(user, doctype, rule, change, known[doctype])
				if regression and (regression.kind, regression.key) not in seen:
					seen.add((regression.kind, regression.key))
					yield regression


def missing_rights(rule: frappe._dict | None) -> list[str]:
	return [right for right in OPEN_RIGHTS if not (rule and rule[right])]


def rights_missing(
	doctype: str, rule: frappe._dict | None, missing: list[str], since: datetime
) -> Regression:
	"""The permission of colleagues was removed, or lost rights."""
	about = {"document_type": doctype, "role": COLLEAGUE}
	if rule:
		change = permission_changes.latest(since, CHANGED, **about)
		if not change and rule.modified > since:
			change = Change(rule.modified_by, rule.modified)
	else:
		change = permission_changes.latest(since, REMOVED, **about)
		change = change or permission_changes.latest(since, RESET, document_type=doctype)
	may_read = "read" not in missing
	if may_read:
		explanation = _("{0} lacks permissions on {1} that were granted to everybody: {2}.").format(
			_(COLLEAGUE), _(doctype), ", ".join(_(frappe.unscrub(right)) for right in missing)
		)
	else:
		explanation = _("{0} can no longer read {1}, which was opened to everybody.").format(
			_(COLLEAGUE), _(doctype)
		)
	return Regression(
		RIGHTS_MISSING,
		explanation,
		(doctype, *missing) if may_read else (doctype,),
		f"permission-manager/{doctype}",
		document_type=doctype,
		**closed(change),
	)


def role_missing(user: str) -> Regression:
	"""Somebody who works in the Desk doesn't have the role of colleagues."""
	change = permission_changes.role_taken(user, COLLEAGUE)
	if not change:
		change = Change(*frappe.db.get_value("User", user, ["owner", "creation"]))
	explanation = _("{0} doesn't have the role {1} and can't read what is open to everybody.").format(
		get_fullname(user), _(COLLEAGUE)
	)
	return Regression(ROLE_MISSING, explanation, (user,), f"user/{user}", user=user, **closed(change))


def undecided(opened: set[str]) -> Iterator[Regression]:
	"""What is tracked or open by default, and came after the last decision, with another app or a new version."""
	left_closed = frappe.get_all(CHANGE, filters={"kind": OPENING, "status": APPLIED}, pluck="left_closed")
	decided = opened | {doctype for each in left_closed for doctype in (each or "").split("\n")}
	for doctype in dict.fromkeys([*registry.tracked_doctypes(), *open_doctypes.DEFAULTS]):
		if doctype in decided or not open_doctypes.can_be_opened(doctype):
			continue
		explanation = _("{0} was added after you decided what is open. Please decide about it, too.")
		yield Regression(
			UNDECIDED,
			explanation.format(_(doctype)),
			(doctype,),
			"openness-setup",
			document_type=doctype,
			closed_on=frappe.db.get_value("DocType", doctype, "creation"),
		)


def known_conditions(opened: dict[str, frappe._dict]) -> dict[str, set[str]]:
	"""Return by DocType the conditions of apps that existed when it was opened."""
	found = {}
	for doctype, change in opened.items():
		conditions = frappe.parse_json(frappe.db.get_value(CHANGE, change.name, "known_conditions") or "{}")
		found[doctype] = set(conditions.get(doctype, ()))
	return found


def by_rule(user: str, doctype: str, rule: Rule, change: frappe._dict, known: set[str]) -> Regression | None:
	"""Return the regression if a rule limits the user that didn't exist when the DocType was opened."""
	if rule.kind == BY_USER_PERMISSION:
		return by_user_permission(user, rule, change)
	if rule.kind == BY_APP and rule.source not in known and not rule.source.startswith(OUR_FUNCTIONS):
		return Regression(
			BY_APP,
			rule.explanation,
			(doctype, rule.source),
			"installed-applications",
			document_type=doctype,
			closed_on=installed_on(limiting_rules.app_of(rule.source)),
		)
	if rule.kind == BY_SERVER_SCRIPT:
		[name] = rule.documents
		script = frappe.db.get_value("Server Script", name, ["modified_by", "modified"], as_dict=True)
		if script.modified > change.applied_on:
			return Regression(
				BY_SERVER_SCRIPT,
				rule.explanation,
				(doctype, name),
				f"server-script/{name}",
				document_type=doctype,
				closed_by=script.modified_by,
				closed_on=script.modified,
			)
	return None


def by_user_permission(user: str, rule: Rule, change: frappe._dict) -> Regression | None:
	rows = frappe.get_all(
		USER_PERMISSION,
		filters={"name": ("in", rule.documents), "modified": (">", change.applied_on)},
		fields=["for_value", "modified_by", "modified"],
		order_by="modified desc",
	)
	if not rows:
		return None
	return Regression(
		BY_USER_PERMISSION,
		_("User Permissions limit {0} to {1} {2}.").format(
			get_fullname(user), _(rule.source), ", ".join(sorted({row.for_value for row in rows}))
		),
		(user, rule.source),
		f"user-permission?user={user}&allow={rule.source}",
		document_type=rule.source,
		user=user,
		closed_by=rows[0].modified_by,
		closed_on=rows[0].modified,
	)


def installed_on(app: str) -> datetime | None:
	"""Return when the app was installed: its modules tell, Installed Applications is rewritten each time."""
	created = frappe.get_all(
		"Module Def", filters={"app_name": app}, pluck="creation", order_by="creation", limit=1
	)
	return created[0] if created else None


def closed(change: Change | None) -> dict:
	return {"closed_by": change.changed_by, "closed_on": change.changed_on} if change else {}
