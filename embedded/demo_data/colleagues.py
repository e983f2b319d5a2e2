"""Who works here, as a customer list names them; whom it names besides becomes a colleague."""

import re
import unicodedata

import frappe
from frappe.utils import validate_email_address

from embedded.demo_data.customer_columns import UMLAUTS
from embedded.demo_data.load_report import counted
from embedded.demo_data.logins import DOMAIN
from embedded.demo_data.names import same_name, same_words
from embedded.demo_data.write.company import create_user

ROLES = ("Employee", "Sales User")
MOST_HIRED = 100
"""A column with more names than that hardly holds account managers."""

NOBODY = {"n/a", "na", "none", "nobody", "unassigned", "open", "tbd", "niemand", "keine", "keiner", "offen"}
SEVERAL = re.compile(r"[;/&+|]|,.*,|\b(?:and|und)\b", re.IGNORECASE)


class ColleagueError(Exception):
	"""The list doesn't name one colleague; the message goes on after the name and says why."""


class Colleagues:
	"""The users of the site, those who were disabled included."""

	def __init__(self):
		self.users: dict[str, set[str]] = {}
		self.disabled: set[str] = set()
		self.hired = 0
		fields = ["name", "email", "full_name", "enabled"]
		for user in frappe.get_all("User", {"user_type": "System User"}, fields):
			self._note(user)
			if not user.enabled:
				self.disabled.add(user.name)

	def find(self, name: str) -> str | None:
		"""The user who has this full name, in either order, or e-mail address. Raises ColleagueError."""
		users = self.users.get(same_name(name)) or self.users.get(same_words(name)) or set()
		enabled = users - self.disabled
		if len(enabled) > 1:
			raise ColleagueError("is the name of several users")
		if users and not enabled:
			raise ColleagueError("is a user who was disabled")
		return next(iter(enabled), None)

	def hire(self, name: str) -> str:
		"""Make a user of who has this name or e-mail address. Raises ColleagueError when it is none.

		To be noted with `remember` when the row is loaded.
		"""
		if self.hired >= MOST_HIRED:
			raise ColleagueError(
				f"isn't a user here, and the list named {counted(MOST_HIRED, 'other')} already"
			)
		if "@" in name:
			if not validate_email_address(name):
				raise ColleagueError("isn't an e-mail address")
			address, person = name.lower(), re.sub(r"[\W\d_]+", " ", name.split("@")[0]).strip().title()
		else:
			person = full_name(name)
			address = self._free_address(person)
		first_name, _, last_name = (person or address).rpartition(" ")
		return create_user(address, first_name or last_name, last_name if first_name else None, ROLES)

	def remember(self, user: str) -> str:
		"""Find this new user from now on; returns how to call them."""
		values = frappe.db.get_value("User", user, ["name", "email", "full_name"], as_dict=True)
		self._note(values)
		self.hired += 1
		return f"{values.full_name} ({user})"

	def _note(self, user: frappe._dict) -> None:
		for key in (same_name(user.email or ""), same_words(user.full_name or "")):
			if key:
				self.users.setdefault(key, set()).add(user.name)

	def _free_address(self, person: str) -> str:
		plain = (
			unicodedata.normalize("NFKD", person.casefold().translate(UMLAUTS))
			.encode("ascii", "ignore")
			.decode()
		)
		local = re.sub(r"[^a-z0-9]+", ".", plain).strip(".") or "colleague"
		address, number = f"{local}@{DOMAIN}", 1
		while frappe.db.exists("User", address):
			number += 1
			address = f"{local}.{number}@{DOMAIN}"
		return address


def full_name(name: str) -> str:
	"""The name as a person writes it; "Whitfield, Nora" is "Nora Whitfield". Raises ColleagueError."""
	if same_name(name) in NOBODY or not any(character.isalpha() for character in name):
		raise ColleagueError("isn't the name of a person")
	if SEVERAL.search(name):
		raise ColleagueError("are several people, and an account has one account manager")
	last_name, comma, first_name = name.partition(",")
	return f"{first_name.strip()} {last_name.strip()}".strip() if comma else name
