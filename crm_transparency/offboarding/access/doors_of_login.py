"""Ways to log in: the user itself, sessions, password, second factor, keys, tokens, social logins."""

import frappe
from frappe import twofactor
from frappe.model.document import Document
from frappe.sessions import delete_session
from frappe.utils import now_datetime
from frappe.utils.password import remove_encrypted_password

from crm_transparency.offboarding.access.door import Closed, Door, insert_again, rows, set_all

ROLE_PROFILES = "User Role Profile"


class TheUser(Door):
	key = "user"
	label = "User disabled"

	def close(self, user: str, removal: Document) -> Closed:
		if not frappe.db.get_value("User", user, "enabled"):
			return Closed(0)
		set_enabled(user, 0)
		return Closed(1, {"enabled": 1})

	def reopen(self, user: str, was: dict) -> bool:
		set_enabled(user, 1)
		return True


def set_enabled(user: str, enabled: int) -> None:
	"""Save the user, so that everybody who hangs on it knows; if some rule refuses that, change it all the same."""
	frappe.db.savepoint("access_of_user")
	try:
		doc = frappe.get_doc("User", user)
		doc.enabled = enabled
		doc.flags.ignore_permissions = True
		doc.save()
	except frappe.ValidationError:
		frappe.db.rollback(save_point="access_of_user")
		frappe.clear_last_message()
		frappe.db.set_value("User", user, "enabled", enabled)
		frappe.clear_cache(user=user)


class Sessions(Door):
	key = "sessions"
	label = "Sessions ended, in browsers and on phones"

	def close(self, user: str, removal: Document) -> Closed:
		found = session_ids(user)
		for sid in found:
			delete_session(sid, user=user, reason="Offboarding")
		return Closed(len(found))


def session_ids(user: str) -> list[str]:
	sessions = frappe.qb.DocType("Sessions")
	return frappe.qb.from_(sessions).select(sessions.sid).where(sessions.user == user).run(pluck=True)


class ApiKey(Door):
	key = "api_key"
	label = "API key and secret removed"

	def close(self, user: str, removal: Document) -> Closed:
		key = frappe.db.get_value("User", user, "api_key")
		if key:
			frappe.db.set_value("User", user, {"api_key": None, "api_secret": None})
			remove_encrypted_password("User", user, "api_secret")
		return Closed(1 if key else 0)


class OAuthTokens(Door):
	"""Frappe lets tokens of disabled users go on working on many sites, so they are revoked one by one."""

	key = "oauth_tokens"
	label = "OAuth tokens revoked"

	def close(self, user: str, removal: Document) -> Closed:
		tokens = [
			row.name
			for row in rows("OAuth Bearer Token", {"user": user, "status": ("!=", "Revoked")}, ["name"])
		]
		set_all("OAuth Bearer Token", tokens, {"status": "Revoked", "expiration_time": now_datetime()})
		codes = [
			row.name
			for row in rows(
				"OAuth Authorization Code", {"user": user, "validity": ("!=", "Invalid")}, ["name"]
			)
		]
		set_all("OAuth Authorization Code", codes, {"validity": "Invalid"})
		return Closed(len(tokens) + len(codes))


class TokensElsewhere(Door):
	key = "connected_apps"
	label = "Connections to other services removed"

	def close(self, user: str, removal: Document) -> Closed:
		tokens = [row.name for row in rows("Token Cache", {"user": user}, ["name"])]
		for name in tokens:
			frappe.delete_doc(
				"Token Cache", name, force=True, ignore_permissions=True, delete_permanently=True
			)
		calendars = [row.name for row in rows("Google Calendar", {"user": user, "enable": 1}, ["name"])]
		set_all("Google Calendar", calendars, {"enable": 0})
		return Closed(len(tokens) + len(calendars))


class SocialLogins(Door):
	key = "social_logins"
	label = "Social logins removed"

	def close(self, user: str, removal: Document) -> Closed:
		logins = [
			row for row in rows("User Social Login", {"parent": user}, ["*"]) if row.provider != "frappe"
		]
		for row in logins:
			frappe.db.delete("User Social Login", {"name": row.name})
		return Closed(len(logins), logins)

	def reopen(self, user: str, was: list) -> bool:
		insert_again("User Social Login", was)
		return True


class SecondFactor(Door):
	key = "second_factor"
	label = "Two-factor secrets removed"

	def close(self, user: str, removal: Document) -> Closed:
		keys = [f"{user}{ending}" for ending in ("_otpsecret", "_otplogin")]
		found = [key for key in keys if twofactor.get_default(key)]
		for key in found:
			twofactor.clear_default(key)
		return Closed(len(found))


class PasswordLinks(Door):
	key = "password_links"
	label = "Links to set a password withdrawn"

	def close(self, user: str, removal: Document) -> Closed:
		found = frappe.db.get_value("User", user, "reset_password_key")
		if found:
			frappe.db.set_value("User", user, "reset_password_key", None)
		return Closed(1 if found else 0)


class RoleProfile(Door):
	key = "role_profile"
	label = "Role profile cleared"

	def close(self, user: str, removal: Document) -> Closed:
		profile = frappe.db.get_value("User", user, "role_profile_name")
		more = rows(ROLE_PROFILES, {"parent": user}, ["*"])
		if profile:
			frappe.db.set_value("User", user, "role_profile_name", None)
		for row in more:
			frappe.db.delete(ROLE_PROFILES, {"name": row.name})
		return Closed(len({profile, *(row.role_profile for row in more)} - {None}), [profile, more])

	def reopen(self, user: str, was: list) -> bool:
		if not was:
			return True
		profile, more = was
		frappe.db.set_value("User", user, "role_profile_name", profile)
		insert_again(ROLE_PROFILES, more)
		return True
