"""Access vectors: everything that lets a user into the site or mails them its data.

Logins, sessions, keys and tokens; shares, links, mail accounts, scheduled reports and jobs. Each is removed in the running
transaction; run again, it finds nothing more to remove. `assignments_and_approvals` has what
assigns work to the person, asks for approval, or mails them.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import frappe
from frappe import twofactor
from frappe.model.document import Document
from frappe.sessions import delete_session
from frappe.utils import today
from frappe.utils.password import get_decrypted_password

TOKEN, CODE = "OAuth Bearer Token", "OAuth Authorization Code"
SOCIAL_LOGIN = "User Social Login"
SHARE, DOCUMENT_LINK, MAIL_ACCOUNT = "DocShare", "Document Share Key", "User Email"
REPORT, SCRIPT, JOB = "Auto Email Report", "Server Script", "Scheduled Job Type"
NOTIFICATION_SETTINGS = "Notification Settings"
SAVED_WITH_USER = ("User", NOTIFICATION_SETTINGS)
LONG_AGO = "2000-01-01"
#: functions of other rooms and apps that take a user, end access that they give, and return how much they ended
HOOK = "transparency_end_access"


class Removed(NamedTuple):
	"""How much of an access vector was removed, and what restoring it needs to know."""

	number: int
	was: list | dict = []


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


def insert_again(doctype: str, was: list) -> bool:
	for values in was:
		if not frappe.db.exists(doctype, values["name"]):
			frappe.get_doc({"doctype": doctype, **values}).db_insert()
	return bool(was)


def change(doctype: str, found: list[frappe._dict], values: dict) -> Removed:
	for row in found:
		frappe.db.set_value(doctype, row.name, values)
	return Removed(len(found), found)


def change_back(doctype: str, was: list) -> bool:
	for row in was:
		if frappe.db.exists(doctype, row["name"]):
			values = {fieldname: row[fieldname] for fieldname in row if fieldname != "name"}
			frappe.db.set_value(doctype, row["name"], values)
	return bool(was)


@dataclass(frozen=True)
class AccessVector:
	"""Rows of a DocType that name a user: they are deleted, or get `values`, and become again what they were."""

	key: str
	#: what it is, translated when shown
	label: str
	doctype: str = ""
	#: the field that names the user
	of_user: str = "user"
	filters: dict = field(default_factory=dict)
	values: dict = field(default_factory=dict)
	#: of no use to a user who is disabled
	needs_login: bool = False
	#: left alone when access is only frozen: it lets nobody in, and couldn't be restored
	only_for_good: bool = False

	def find(self, user: str) -> list:
		"""Return what there is of it."""
		return rows(self.doctype, {self.of_user: user, **self.filters}, tuple(self.values))

	def remove(self, user: str, removal: Document) -> Removed:
		"""Remove what there is of it. The Access Removal's `jobs_to` gets scheduled reports and jobs."""
		found = self.find(user)
		return change(self.doctype, found, self.values) if self.values else delete(self.doctype, found)

	def restore(self, user: str, was: list | dict) -> bool:
		"""Restore it from what `remove` returned; return whether that was possible, which it isn't if that is nothing."""
		return change_back(self.doctype, was) if self.values else insert_again(self.doctype, was)


# logins


class Login(AccessVector):
	def find(self, user: str) -> list:
		return rows("User", {"name": user, "enabled": 1}, ("enabled",))

	def remove(self, user: str, removal: Document) -> Removed:
		if not self.find(user):
			return Removed(0)
		before = {doctype: rows(doctype, {"name": user})[:1] for doctype in SAVED_WITH_USER}
		set_enabled(user, 0)
		return Removed(1, before)

	def restore(self, user: str, was: dict) -> bool:
		set_enabled(user, 1)
		# Frappe also switches off mentions and notifications of a user who is disabled
		for doctype in SAVED_WITH_USER:
			checks = [
				each.fieldname for each in frappe.get_meta(doctype).get("fields", {"fieldtype": "Check"})
			]
			for before in was.get(doctype, []):
				values = {field: before[field] for field in checks if field in before}
				frappe.db.set_value(doctype, user, values, update_modified=False)
		return True


def set_enabled(user: str, enabled: int) -> None:
	"""Save the user, so that hooks run; if some validation refuses that, write the field anyway."""
	frappe.db.savepoint("access_of_user")
	# some versions of v15 save these along with the user, and refuse HR to
	frappe.db.set_value(NOTIFICATION_SETTINGS, user, "enabled", enabled)
	try:
		doc = frappe.get_doc("User", user)
		doc.enabled = enabled
		doc.flags.ignore_permissions = True
		doc.flags.by_offboarding = True
		doc.save()
	except (frappe.ValidationError, frappe.PermissionError):
		frappe.db.rollback(save_point="access_of_user")
		frappe.clear_last_message()
		frappe.db.set_value("User", user, "enabled", enabled)
		frappe.clear_cache(user=user)


class ApiKey(AccessVector):
	def restore(self, user: str, was: list) -> bool:
		secret = get_decrypted_password("User", user, "api_secret", raise_exception=False)
		return bool(secret) and change_back("User", was)


class ConnectedApps(AccessVector):
	def remove(self, user: str, removal: Document) -> Removed:
		tokens = self.find(user)
		for token in tokens:
			frappe.delete_doc(
				self.doctype, token.name, force=True, ignore_permissions=True, delete_permanently=True
			)
		return Removed(len(tokens))


class SecondFactor(AccessVector):
	def find(self, user: str) -> list:
		return [key for key in (f"{user}_otpsecret", f"{user}_otplogin") if twofactor.get_default(key)]

	def remove(self, user: str, removal: Document) -> Removed:
		found = self.find(user)
		for key in found:
			twofactor.clear_default(key)
		return Removed(len(found))


class Sessions(AccessVector):
	def find(self, user: str) -> list:
		return session_ids(user)

	def remove(self, user: str, removal: Document) -> Removed:
		found = self.find(user)
		for sid in found:
			delete_session(sid, user=user, reason="Offboarding")
		return Removed(len(found))

	def restore(self, user: str, was: list) -> bool:
		"""Nothing is lost: the person logs in again."""
		return True


def session_ids(user: str) -> list[str]:
	sessions = frappe.qb.DocType("Sessions")
	return frappe.qb.from_(sessions).select(sessions.sid).where(sessions.user == user).run(pluck=True)


# records that don't need a login of one's own


class Shares(AccessVector):
	def restore(self, user: str, was: list) -> bool:
		insert_again(SHARE, [row for row in was if frappe.db.exists(row["share_doctype"], row["share_name"])])
		return True


class DocumentLinks(AccessVector):
	"""Links that open one document without a login; Frappe creates them for mails with a document."""

	def find(self, user: str) -> list:
		return [row for row in super().find(user) if row.expires_on is None or str(row.expires_on) >= today()]


class ScheduledReports(AccessVector):
	"""Reports that are sent with the person's permissions."""

	def remove(self, user: str, removal: Document) -> Removed:
		if removal.jobs_to:
			found = rows(REPORT, {"user": user}, ("user", "enabled"))
			return change(REPORT, found, {"user": removal.jobs_to})
		return super().remove(user, removal)


class ReportRecipients(AccessVector):
	def find(self, user: str) -> list:
		address = (frappe.db.get_value("User", user, "email") or user).lower()
		filters = {"enabled": 1, "email_to": ("like", f"%{address}%")}
		found = rows(REPORT, filters, ("email_to", "enabled"))
		return [row for row in found if address in row.email_to.lower().split()]

	def remove(self, user: str, removal: Document) -> Removed:
		address = (frappe.db.get_value("User", user, "email") or user).lower()
		found = self.find(user)
		for row in found:
			others = [recipient for recipient in row.email_to.split() if recipient.lower() != address]
			change(REPORT, [row], {"email_to": "\n".join(others)} if others else {"enabled": 0})
		return Removed(len(found), found)

	def restore(self, user: str, was: list) -> bool:
		return change_back(REPORT, was)


class ScheduledScripts(AccessVector):
	def remove(self, user: str, removal: Document) -> Removed:
		scripts = rows(SCRIPT, {"owner": user, **self.filters}, ("owner", "disabled"))
		if removal.jobs_to:
			return change(SCRIPT, scripts, {"owner": removal.jobs_to})
		for row in scripts:
			set_stopped(row.name, 1)
		return change(SCRIPT, scripts, {"disabled": 1})

	def restore(self, user: str, was: list) -> bool:
		for row in was:
			set_stopped(row["name"], 0)
		return change_back(SCRIPT, was)


def set_stopped(script: str, stopped: int) -> None:
	change(JOB, rows(JOB, {"server_script": script}, ("stopped",)), {"stopped": stopped})


class GivenByOthers(AccessVector):
	def find(self, user: str) -> list:
		return []

	def remove(self, user: str, removal: Document) -> Removed:
		ended = (frappe.get_attr(function)(user) for function in frappe.get_hooks(HOOK))
		return Removed(sum(int(number or 0) for number in ended))


IS_SET, EXPIRED = ("is", "set"), {"status": "Revoked", "expiration_time": LONG_AGO}
#: the user first, because saving it shares it with itself; sessions last, in case one was opened meanwhile
VECTORS = (
	Login("user", "Login"),
	AccessVector(
		"user_role_profile",
		"Role profile",
		"User",
		"name",
		filters={"role_profile_name": IS_SET},
		values={"role_profile_name": None},
		needs_login=True,
	),
	AccessVector("role_profiles", "Role profiles", "User Role Profile", "parent", needs_login=True),
	ApiKey(
		"api_key", "API key and secret", "User", "name", filters={"api_key": IS_SET}, values={"api_key": None}
	),
	# on many versions, Frappe accepts tokens of disabled users, so each is revoked
	AccessVector(
		"oauth_tokens", "OAuth tokens", TOKEN, filters={"status": ("!=", "Revoked")}, values=EXPIRED
	),
	AccessVector(
		"oauth_codes",
		"OAuth authorization codes",
		CODE,
		filters={"validity": ("!=", "Invalid")},
		values={"validity": "Invalid"},
	),
	ConnectedApps("connected_apps", "Connections to other services", "Token Cache", only_for_good=True),
	AccessVector(
		"calendars", "Synchronized calendars", "Google Calendar", filters={"enable": 1}, values={"enable": 0}
	),
	AccessVector(
		"social_logins",
		"Social logins",
		SOCIAL_LOGIN,
		"parent",
		filters={"provider": ("!=", "frappe")},
		needs_login=True,
	),
	SecondFactor("second_factor", "Two-factor secrets", needs_login=True, only_for_good=True),
	AccessVector(
		"password_links",
		"Password reset links",
		"User",
		"name",
		filters={"reset_password_key": IS_SET},
		values={"reset_password_key": None},
		needs_login=True,
	),
	Shares("shares", "Shares of documents", SHARE, needs_login=True),
	DocumentLinks(
		"document_links", "Document links", DOCUMENT_LINK, "owner", values={"expires_on": LONG_AGO}
	),
	AccessVector("mail_accounts", "Access to email accounts", MAIL_ACCOUNT, "parent", needs_login=True),
	ScheduledReports(
		"scheduled_reports", "Scheduled reports", REPORT, filters={"enabled": 1}, values={"enabled": 0}
	),
	ReportRecipients("report_recipients", "Scheduled reports emailed to the person", REPORT),
	ScheduledScripts(
		"scheduled_jobs",
		"Scheduled jobs",
		SCRIPT,
		"owner",
		filters={"script_type": "Scheduler Event", "disabled": 0},
		values={"disabled": 1},
	),
	GivenByOthers("others", "Personal links"),
	Sessions("sessions", "Sessions in browsers and on phones"),
)
