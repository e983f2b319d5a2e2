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
from frappe.utils import cstr, today
from frappe.utils.password import get_decrypted_password

from crm_transparency.crm_transparency.jobs import attempted

TOKEN, CODE = "OAuth Bearer Token", "OAuth Authorization Code"
SOCIAL_LOGIN = "User Social Login"
SHARE, DOCUMENT_LINK, MAIL_ACCOUNT = "DocShare", "Document Share Key", "User Email"
REPORT, SCRIPT, JOB = "Auto Email Report", "Server Script", "Scheduled Job Type"
NOTIFICATION_SETTINGS = "Notification Settings"
SAVED_WITH_USER = ("User", NOTIFICATION_SETTINGS)
LONG_AGO = "2000-01-01"
#: in what is kept of a changed row: the values that it was given
WRITTEN = "written"
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
	was = []
	for row in found:
		# a copy: Frappe adds when it was changed, and by whom
		frappe.db.set_value(doctype, row.name, {**values})
		was.append({**row, WRITTEN: frappe.db.get_value(doctype, row.name, list(values), as_dict=True)})
	return Removed(len(was), was)


def change_back(doctype: str, was: list) -> bool:
	"""Set what was changed back, but for rows that somebody else changed since or deleted; return whether there were none."""
	return bool(was) and all([change_row_back(doctype, row) for row in was])


def change_row_back(doctype: str, row: dict) -> bool:
	# older versions kept only what had been there before
	written = row.get(WRITTEN) or {}
	fields = list(written) or [fieldname for fieldname in row if fieldname != "name"]
	current = frappe.db.get_value(doctype, row["name"], fields, as_dict=True, for_update=True)
	if not current or any(cstr(current[each]) != cstr(written[each]) for each in written):
		return False
	frappe.db.set_value(doctype, row["name"], {each: row[each] for each in fields})
	return True


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
		return Removed(1, {each: found + rows(each, {"name": user})[:1] for each, found in before.items()})

	def restore(self, user: str, was: dict) -> bool:
		current = {doctype: rows(doctype, {"name": user}) for doctype in SAVED_WITH_USER}
		set_enabled(user, 1)
		# Frappe also switches off mentions and notifications of a user who is disabled
		for doctype, found in was.items():
			checks = frappe.get_meta(doctype).get("fields", {"fieldtype": "Check"})
			# older versions kept only what had been there before, and no `after`
			states = [*found, *current[doctype]] or [{}]
			before, after, now = states[0], states[len(states) > 1], states[-1]
			for name in {check.fieldname for check in checks} & {*before}:
				if now.get(name) == after.get(name):
					frappe.db.set_value(doctype, user, name, before[name], update_modified=False)
		return True


def set_enabled(user: str, enabled: int) -> None:
	"""Save the user, so that hooks run; if that fails, write the field anyway."""
	# some versions of v15 save these along with the user, and refuse HR to
	frappe.db.set_value(NOTIFICATION_SETTINGS, user, "enabled", enabled)
	doc = frappe.get_doc("User", user)
	doc.enabled = enabled
	doc.flags.ignore_permissions = True
	doc.flags.by_offboarding = True
	if not attempted(doc.save):
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


def address_of(user: str) -> str:
	return (frappe.db.get_value("User", user, "email") or user).lower()


class ReportRecipients(AccessVector):
	def find(self, user: str) -> list:
		address = address_of(user)
		filters = {"enabled": 1, "email_to": ("like", f"%{address}%")}
		found = rows(REPORT, filters, ("email_to", "enabled"))
		return [row for row in found if address in row.email_to.lower().split()]

	def remove(self, user: str, removal: Document) -> Removed:
		was = []
		for row in self.find(user):
			others = [
				recipient for recipient in row.email_to.split() if recipient.lower() != address_of(user)
			]
			values = {"email_to": "\n".join(others)} if others else {"enabled": 0}
			was += change(REPORT, [row], values).was
		return Removed(len(was), was)

	def restore(self, user: str, was: list) -> bool:
		return bool(was) and all([change_row_back(REPORT, row) or self.add(user, row) for row in was])

	def add(self, user: str, row: dict) -> bool:
		"""Add the person to a report whose other recipients somebody changed since."""
		found = rows(REPORT, {"name": row["name"]}, ("email_to",)) if "email_to" in row[WRITTEN] else []
		for each in found:
			recipients = dict.fromkeys([*each.email_to.split(), address_of(user)])
			change(REPORT, [each], {"email_to": "\n".join(recipients)})
		return bool(found)


class ScheduledScripts(AccessVector):
	def remove(self, user: str, removal: Document) -> Removed:
		scripts = rows(SCRIPT, {"owner": user, **self.filters}, ("owner", "disabled"))
		if removal.jobs_to:
			return change(SCRIPT, scripts, {"owner": removal.jobs_to})
		for row in scripts:
			set_stopped(row.name, 1)
		return change(SCRIPT, scripts, {"disabled": 1})

	def restore(self, user: str, was: list) -> bool:
		is_complete = change_back(SCRIPT, was)
		for row in was:
			set_stopped(row["name"], frappe.db.get_value(SCRIPT, row["name"], "disabled") or 0)
		return is_complete


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
