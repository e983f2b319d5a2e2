"""The share of accounts that each person can read, and the company's openness figure.

A person's share of a DocType is how many of its documents they can read, of all that there are. Their share of everything
is the mean of these over the tracked DocTypes that have documents: each counts the same, or a million leads would make
customers vanish. The company's figure is the mean of that over everybody who works in the Desk.

Only shares are shown, never how many documents there are: what stays out of figures could be told from the difference.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from crm_transparency.crm_transparency import registry
from crm_transparency.openness import visibility
from crm_transparency.openness.visibility import Rule

#: of a person, by DocType
Shares = dict[str, "Share"]


class Share(NamedTuple):
	readable: int
	total: int
	#: changes with the rules that narrow what the person can read
	rules: str

	@property
	def percent(self) -> float | None:
		"""Return the share in percent, None where there is nothing to read."""
		return 100 * self.readable / self.total if self.total else None


def of_everybody() -> dict[str, Shares]:
	"""Count for everybody who works in the Desk, by the permission engine. Takes some milliseconds for each person."""
	counting, doctypes = visibility.Counting(), list(registry.tracked_doctypes())
	return {
		user: {doctype: share(counting, user, doctype) for doctype in doctypes}
		for user in visibility.desk_users()
	}


def share(counting: visibility.Counting, user: str, doctype: str) -> Share:
	seen = counting.seen(user, doctype)
	return Share(seen.readable, seen.total, fingerprint(visibility.rules_narrowing(user, doctype)))


def fingerprint(rules: list[Rule]) -> str:
	"""Return what tells whether the same rules are still in force; empty if there are none."""
	if not rules:
		return ""
	known = repr(sorted((rule.kind, rule.source, rule.documents) for rule in rules))
	return hashlib.sha256(known.encode()).hexdigest()[:12]


def overall(shares: Iterable[Share]) -> float | None:
	"""Return the mean share over DocTypes, in percent."""
	return mean(share.percent for share in shares)


def figure(of_people: dict[str, Shares]) -> float | None:
	"""Return the company's openness figure, in percent; None where there is nobody, or nothing to read."""
	return mean(overall(shares.values()) for shares in of_people.values())


def figure_of(of_people: dict[str, Shares], doctype: str) -> float | None:
	return mean(shares[doctype].percent for shares in of_people.values() if doctype in shares)


def mean(values: Iterable[float | None]) -> float | None:
	known = [value for value in values if value is not None]
	return sum(known) / len(known) if known else None
