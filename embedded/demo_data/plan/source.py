import re
from collections.abc import Sequence
from typing import TypeVar

from faker import Faker

SEED = 20250131

T = TypeVar("T")


class Source:
	"""All chance in the demo company comes from here. The same seed gives the same company."""

	def __init__(self, seed: int = SEED):
		self.faker = Faker("en_GB")
		self.faker.seed_instance(seed)
		self.random = self.faker.random

	def pick(self, choices: Sequence[T]) -> T:
		return self.random.choice(choices)

	def some(self, choices: Sequence[T], count: int) -> list[T]:
		return self.random.sample(choices, count)

	def weighted(self, choices: dict[T, int]) -> T:
		return self.random.choices(list(choices), weights=list(choices.values()))[0]

	def chance(self, percent: int) -> bool:
		return self.random.randrange(100) < percent

	def between(self, low: int, high: int) -> int:
		return self.random.randint(low, high)

	def person(self) -> tuple[str, str, str]:
		"""A first name, a last name and a gender."""
		if self.chance(50):
			return self.faker.first_name_female(), self.faker.last_name(), "Female"
		return self.faker.first_name_male(), self.faker.last_name(), "Male"

	def key(self) -> str:
		"""Ten characters that name a record which has no name of its own."""
		return f"{self.random.getrandbits(40):010x}"


def slug(name: str) -> str:
	"""`name` as it stands in a web address."""
	return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "").replace("é", "e")).strip("-")
