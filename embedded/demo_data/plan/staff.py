"""Who works at Harbour Press."""

from dataclasses import dataclass

from embedded.demo_data.logins import DOMAIN


@dataclass(frozen=True)
class Person:
	"""An employee with a user. `age` and `years_here` are as of today, `left` is working days before it."""

	full_name: str
	gender: str
	designation: str
	department: str
	roles: tuple[str, ...]
	age: int
	years_here: int
	reports_to: str | None = None
	territory: str | None = None
	left: int | None = None

	@property
	def first_name(self) -> str:
		return self.full_name.split()[0]

	@property
	def last_name(self) -> str:
		return self.full_name.split()[1]

	@property
	def user(self) -> str:
		return f"{self.first_name}.{self.last_name}@{DOMAIN}".lower()


DIRECTOR, MANAGER, READER_SERVICE = "Eleanor Marsh", "Graham Tolley", "Hamish Bell"
NORA, MARCUS, PRIYA = "Nora Whitfield", "Marcus Ellery", "Priya Raman"
TOM, SIAN, CALLUM, DANIEL = "Tom Hesketh", "Sian Prosser", "Callum Reid", "Daniel Frost"

NOTICE = 15
"""Working days: a rep who is leaving gets no new accounts in the last three weeks."""

LEADS_SALES = ("Employee", "Sales User", "Sales Manager", "Sales Master Manager")


def rep(
	full_name: str, gender: str, territory: str, age: int, years_here: int, left: int | None = None
) -> Person:
	job = ("Advertising Sales Representative", "Sales", ("Employee", "Sales User"))
	return Person(full_name, gender, *job, age, years_here, MANAGER, territory, left)


PEOPLE = [
	Person(DIRECTOR, "Female", "Managing Director", "Management", (*LEADS_SALES, "Accounts Manager"), 57, 16),
	Person(
		MANAGER, "Male", "Sales Manager", "Sales", (*LEADS_SALES, "Transparency Manager"), 49, 11, DIRECTOR
	),
	rep(NORA, "Female", "South West", 38, 7),
	rep(MARCUS, "Male", "London and South East", 34, 3),
	rep(PRIYA, "Female", "Midlands", 31, 4),
	rep(TOM, "Male", "North of England", 45, 9),
	rep(SIAN, "Female", "Wales", 42, 6),
	rep(CALLUM, "Male", "Scotland", 29, 2),
	rep(DANIEL, "Male", "Northern Ireland", 36, 5, left=95),
	Person(
		"Beatrice Odell",
		"Female",
		"HR Manager",
		"People",
		("Employee", "HR User", "HR Manager"),
		51,
		8,
		DIRECTOR,
	),
	Person(
		READER_SERVICE,
		"Male",
		"Reader Service",
		"Reader Service",
		("Employee", "Support Team", "Sales User"),
		27,
		2,
		DIRECTOR,
	),
	Person(
		"Yasmin Clarke", "Female", "Accountant", "Finance", ("Employee", "Accounts User"), 44, 10, DIRECTOR
	),
	Person("Oliver Penn", "Male", "Editor", "Editorial", ("Employee",), 53, 14, DIRECTOR),
]

BY_NAME = {person.full_name: person for person in PEOPLE}
REPS = [person.full_name for person in PEOPLE if person.territory]
REPS_STILL_HERE = [name for name in REPS if BY_NAME[name].left is None]


def user_of(name: str) -> str:
	return BY_NAME[name].user


def rep_for(territory: str, back: int) -> str:
	"""The rep who had `territory` `back` working days ago. Callum Reid took over Daniel Frost's."""
	name = next(name for name in REPS if BY_NAME[name].territory == territory)
	left = BY_NAME[name].left
	return name if left is None or back > left + NOTICE else CALLUM
