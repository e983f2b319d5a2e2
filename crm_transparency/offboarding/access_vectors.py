"""Access vectors: everything that lets a user into the site or mails them its data.

Logins, sessions, keys and tokens; shares, links, mail accounts, scheduled reports and jobs. Each is removed in the running
transaction; run again, it finds nothing more to remove.
"""

from collections.abc import Callable
from typing import NamedTuple

import frappe
from frappe import twofactor
from frappe.model.document import Document
from frappe.sessions import delete_session
from frappe.utils import add_days, now_datetime, today
from frappe.utils.password import remove_encrypted_password

TOKEN, CODE = "OAuth Bearer Token", "OAuth Authorization Code"
SOCIAL_LOGIN, ROLE_PROFILE = "User Social Login", "User Role Profile"
SHARE, DOCUMENT_LINK, MAIL_ACCOUNT = "DocShare", "Document Share Key", "User Email"
REPORT, SCRIPT, JOB = "Auto Email Report", "Server Script", "Scheduled Job Type"
#: functions of other rooms and apps that take a user, end access that they give, and return how much they ended
HOOK = "transparency_end_access"


class Removed(NamedTuple):
	"""How much of an access vector was removed, and what restoring it needs to know."""

	number: int
	was: list | dict = []


def not_restorable(user: str, was: list | dict) -> bool:
	return False


class AccessVector(NamedTuple):
	key: str
	#: what was removed, translated when shown
	label: str
	#: takes the user and the Access Removal, whose `jobs_to` gets scheduled reports and jobs
	remove: Callable[[str, Document], Removed]
	#: takes the user and what `remove` returned; returns whether it could be restored
	restore: Callable[[str, list | dict], bool] = not_restorable


# rows that are deleted or changed, and how they are restored


def rows(doctype: str, filters: dict, fields: tuple[str, ...] = ()) -> list[frappe._dict]:
	"""Return rows with name and fields (all fields for none); no rows where this Frappe lacks the DocType or a field."""
	if not frappe.db.exists("DocType", doctype, cache=True):
		return []
	columns = frappe.get_meta(doctype).get_valid_columns()
	if not {*filters, *fields} <= set(columns):
		return []
	return frappe.get_all(
		doctype,
		filters=filters,
		fields=["name", *fields] if fields else ["*"],
		order_by="creation, name",
		limit_page_length=0,
	)


def delete(doctype: str, found: list[frappe._dict]) -> Removed:
	for row in found:
		frappe.db.delete(doctype, {"name": row.name})
	return Removed(len(found), found)


def insert_again(doctype: str) -> Callable[[str, list], bool]:
	def restore(user: str, was: list) -> bool:
		for values in was:
			if not frappe.db.exists(doctype, values["name"]):
				frappe.get_doc({"doctype": doctype, **values}).db_insert()
		return True

	return restore


def change(doctype: str, found: list[frappe._dict], values: dict) -> Removed:
	for row in found:
		frappe.db.set_value(doctype, row.name, values)
	return Removed(len(found), found)


def change_back(doctype: str) -> Callable[[str, list], bool]:
	def restore(user: str, was: list) -> bool:
		for row in was:
			if frappe.db.exists(doctype, row["name"]):
				frappe.db.set_value(
					doctype, row["name"], {field: row[field] for field in row if field != "name"}
				)
		return True

	return restore


# logins


def disable_user(user: str, removal: Document) -> Removed:
	if not frappe.db.get_value("User", user, "enabled"):
		return Removed(0)
	set_enabled(user, 0)
	return Removed(1, {"enabled": 1})


def enable_user(user: str, was: dict) -> bool:
	set_enabled(user, 1)
	return True


def set_enabled(user: str, enabled: int) -> None:
	"""Save the user, so that hooks run; if some validation refuses that, write the field anyway."""
	frappe.db.savepoint("access_of_user")
	# some versions of v15 save these along with the user, and refuse HR to
	frappe.db.set_value("Notification Settings", user, "enabled", enabled)
	try:
		doc = frappe.get_doc("User", user)
		doc.enabled = enabled
		doc.flags.ignore_permissions = True
		doc.save()
	except (frappe.ValidationError, frappe.PermissionError):
		frappe.db.rollback(save_point="access_of_user")
		frappe.clear_last_message()
		frappe.db.set_value("User", user, "enabled", enabled)
		frappe.clear_cache(user=user)


def clear_role_profile(user: str, removal: Document) -> Removed:
	profile = frappe.db.get_value("User", user, "role_profile_name")
	more = rows(ROLE_PROFILE, {"parent": user})
	if profile:
		frappe.db.set_value("User", user, "role_profile_name", None)
	delete(ROLE_PROFILE, more)
	return Removed(len({profile, *(row.role_profile for row in more)} - {None}), [profile, more])


def restore_role_profile(user: str, was: list) -> bool:
	if was:
		profile, more = was
		frappe.db.set_value("User", user, "role_profile_name", profile)
		insert_again(ROLE_PROFILE)(user, more)
	return True


def remove_api_key(user: str, removal: Document) -> Removed:
	key = frappe.db.get_value("User", user, "api_key")
	if key:
		frappe.db.set_value("User", user, {"api_key": None, "api_secret": None})
		remove_encrypted_password("User", user, "api_secret")
	return Removed(1 if key else 0)


def revoke_oauth_tokens(user: str, removal: Document) -> Removed:
	"""On many versions, Frappe accepts tokens of disabled users, so each is revoked."""
	tokens = rows(TOKEN, {"user": user, "status": ("!=", "Revoked")}, ("status",))
	change(TOKEN, tokens, {"status": "Revoked", "expiration_time": now_datetime()})
	codes = rows(CODE, {"user": user, "validity": ("!=", "Invalid")}, ("validity",))
	change(CODE, codes, {"validity": "Invalid"})
	return Removed(len(tokens) + len(codes))


def disconnect_services(user: str, removal: Document) -> Removed:
	tokens = rows("Token Cache", {"user": user}, ("user",))
	for token in tokens:
		frappe.delete_doc(
			"Token Cache", token.name, force=True, ignore_permissions=True, delete_permanently=True
		)
	calendars = rows("Google Calendar", {"user": user, "enable": 1}, ("enable",))
	change("Google Calendar", calendars, {"enable": 0})
	return Removed(len(tokens) + len(calendars))


def remove_social_logins(user: str, removal: Document) -> Removed:
	return delete(SOCIAL_LOGIN, rows(SOCIAL_LOGIN, {"parent": user, "provider": ("!=", "frappe")}))


def remove_second_factor(user: str, removal: Document) -> Removed:
	keys = [f"{user}{ending}" for ending in ("_otpsecret", "_otplogin")]
	found = [key for key in keys if twofactor.get_default(key)]
	for key in found:
		twofactor.clear_default(key)
	return Removed(len(found))


def invalidate_password_links(user: str, removal: Document) -> Removed:
	found = frappe.db.get_value("User", user, "reset_password_key")
	if found:
		frappe.db.set_value("User", user, "reset_password_key", None)
	return Removed(1 if found else 0)


def end_sessions(user: str, removal: Document) -> Removed:
	found = session_ids(user)
	for sid in found:
		delete_session(sid, user=user, reason="Offboarding")
	return Removed(len(found))


def session_ids(user: str) -> list[str]:
	sessions = frappe.qb.DocType("Sessions")
	return frappe.qb.from_(sessions).select(sessions.sid).where(sessions.user == user).run(pluck=True)


# records that don't need a login of one's own


def remove_shares(user: str, removal: Document) -> Removed:
	return delete(SHARE, rows(SHARE, {"user": user}))


def restore_shares(user: str, was: list) -> bool:
	there = [row for row in was if frappe.db.exists(row["share_doctype"], row["share_name"])]
	return insert_again(SHARE)(user, there)


def expire_document_links(user: str, removal: Document) -> Removed:
	"""Expire links that open one document without a login; Frappe creates them for mails with a document."""
	links = rows(DOCUMENT_LINK, {"owner": user}, ("expires_on",))
	valid = [row for row in links if row.expires_on is None or str(row.expires_on) >= today()]
	return change(DOCUMENT_LINK, valid, {"expires_on": add_days(today(), -1)})


def remove_mail_accounts(user: str, removal: Document) -> Removed:
	return delete(MAIL_ACCOUNT, rows(MAIL_ACCOUNT, {"parent": user}))


def move_scheduled_reports(user: str, removal: Document) -> Removed:
	"""Move or stop reports that are sent with the person's permissions."""
	reports = rows(REPORT, {"user": user}, ("user", "enabled"))
	if removal.jobs_to:
		return change(REPORT, reports, {"user": removal.jobs_to})
	return change(REPORT, [row for row in reports if row.enabled], {"enabled": 0})


def remove_report_recipient(user: str, removal: Document) -> Removed:
	address = (frappe.db.get_value("User", user, "email") or user).lower()
	filters = {"enabled": 1, "email_to": ("like", f"%{address}%")}
	changed = []
	for row in rows(REPORT, filters, ("email_to", "enabled")):
		recipients = row.email_to.split()
		others = [recipient for recipient in recipients if recipient.lower() != address]
		if others != recipients:
			values = {"email_to": "\n".join(others)} if others else {"enabled": 0}
			changed += change(REPORT, [row], values).was
	return Removed(len(changed), changed)


def move_scheduled_scripts(user: str, removal: Document) -> Removed:
	filters = {"owner": user, "script_type": "Scheduler Event", "disabled": 0}
	scripts = rows(SCRIPT, filters, ("owner", "disabled"))
	if removal.jobs_to:
		return change(SCRIPT, scripts, {"owner": removal.jobs_to})
	for row in scripts:
		set_stopped(row.name, 1)
	return change(SCRIPT, scripts, {"disabled": 1})


def restore_scheduled_scripts(user: str, was: list) -> bool:
	for row in was:
		set_stopped(row["name"], 0)
	return change_back(SCRIPT)(user, was)


def set_stopped(script: str, stopped: int) -> None:
	change(JOB, rows(JOB, {"server_script": script}, ("stopped",)), {"stopped": stopped})


def end_access_given_by_others(user: str, removal: Document) -> Removed:
	ended = (frappe.get_attr(function)(user) for function in frappe.get_hooks(HOOK))
	return Removed(sum(int(number or 0) for number in ended))


#: the user first, because saving it shares it with itself; sessions last, in case one was opened meanwhile
VECTORS = (
	AccessVector("user", "User disabled", disable_user, enable_user),
	AccessVector("role_profile", "Role profile cleared", clear_role_profile, restore_role_profile),
	AccessVector("api_key", "API key and secret removed", remove_api_key),
	AccessVector("oauth_tokens", "OAuth tokens revoked", revoke_oauth_tokens),
	AccessVector("connected_apps", "Connections to other services removed", disconnect_services),
	AccessVector("social_logins", "Social logins removed", remove_social_logins, insert_again(SOCIAL_LOGIN)),
	AccessVector("second_factor", "Two-factor secrets removed", remove_second_factor),
	AccessVector("password_links", "Password reset links invalidated", invalidate_password_links),
	AccessVector("shares", "Shares of documents removed", remove_shares, restore_shares),
	AccessVector(
		"document_links", "Document links expired", expire_document_links, change_back(DOCUMENT_LINK)
	),
	AccessVector(
		"mail_accounts",
		"Access to email accounts removed",
		remove_mail_accounts,
		insert_again(MAIL_ACCOUNT),
	),
	AccessVector(
		"scheduled_reports",
		"Scheduled reports moved or stopped",
		move_scheduled_reports,
		change_back(REPORT),
	),
	AccessVector(
		"report_recipients",
		"Scheduled reports no longer emailed to the person",
		remove_report_recipient,
		change_back(REPORT),
	),
	AccessVector(
		"scheduled_jobs",
		"Scheduled jobs moved or stopped",
		move_scheduled_scripts,
		restore_scheduled_scripts,
	),
	AccessVector("others", "Personal links invalidated", end_access_given_by_others),
	AccessVector("sessions", "Sessions ended, in browsers and on phones", end_sessions),
)
