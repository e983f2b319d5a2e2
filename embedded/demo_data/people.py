"""Who works at Harbour Press, who may log in, and what all chance in the demo company comes from."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from faker import Faker

DATA = json.loads((Path(__file__).parent / "company.json").read_text(encoding="utf-8"))
DOMAIN = "harbourpress.example"
PASSWORD = "transparency"
SEED = 20250131

NOTICE = 15
"""Working days: a rep who is leaving gets no new accounts in the last three weeks."""


class Login(NamedTuple):
	"""Who may log in to the demo: what the person is there, the user to type, and the password."""

	role: str
	user: str
	password: str


LOGINS = [
	Login("rep", f"nora.whitfield@{DOMAIN}", PASSWORD),
	Login("manager", f"graham.tolley@{DOMAIN}", PASSWORD),
	Login("hr", f"beatrice.odell@{DOMAIN}", PASSWORD),
	Login("administrator", "Administrator", PASSWORD),
]


@dataclass(frozen=True)
class Person:
	"""An employee with a user. `age` and `years_here` are as of today, `left` is working days before it."""

	full_name: str
	gender: str
	designation: str
	department: str
	roles: list[str]
	age: int
	years_here: int
	reports_to: str | None = None
	territory: str | None = None
	left: int | None = None

	@property
	def user(self) -> str:
		return self.full_name.replace(" ", ".").lower() + f"@{DOMAIN}"


MANAGER, READER_SERVICE = "Graham Tolley", "Hamish Bell"
NORA, MARCUS, PRIYA = "Nora Whitfield", "Marcus Ellery", "Priya Raman"
TOM, SIAN, CALLUM, DANIEL = "Tom Hesketh", "Sian Prosser", "Callum Reid", "Daniel Frost"

PEOPLE = [Person(**person) for person in DATA["people"]]
BY_NAME = {person.full_name: person for person in PEOPLE}
REPS = [person.full_name for person in PEOPLE if person.territory]
REPS_STILL_HERE = [name for name in REPS if BY_NAME[name].left is None]


def user_of(name: str) -> str:
	return BY_NAME[name].user


def rep_for(territory: str, back: int) -> str:
	"""Return the rep who had `territory` `back` working days ago. Callum Reid took over Daniel Frost's."""
	name = next(name for name in REPS if BY_NAME[name].territory == territory)
	left = BY_NAME[name].left
	return name if left is None or back > left + NOTICE else CALLUM


class Source(Random):
	"""All chance in the demo company comes from here. The same seed gives the same company."""

	def __init__(self, seed: int = SEED):
		super().__init__(seed)
		self.faker = Faker("en_GB")
		self.faker.random = self

	def weighted(self, choices: dict[str, int]) -> str:
		return self.choices(list(choices), weights=list(choices.values()))[0]

	def chance(self, percent: int) -> bool:
		return self.randrange(100) < percent

	def minute(self) -> int:
		"""Return a minute of a working day, counted from 8 o'clock."""
		return self.randint(20, 560)

	def person(self) -> tuple[str, str, str]:
		"""Return a first name, a last name and a gender."""
		if self.chance(50):
			return self.faker.first_name_female(), self.faker.last_name(), "Female"
		return self.faker.first_name_male(), self.faker.last_name(), "Male"

	def key(self) -> str:
		"""Return ten characters that name a record which has no name of its own."""
		return f"{self.getrandbits(40):010x}"


def slug(name: str) -> str:
	"""Return `name` as it stands in a web address."""
	return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "").replace("é", "e")).strip("-")
