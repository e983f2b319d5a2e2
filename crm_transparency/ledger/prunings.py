"""What prunings account for. Plain Python: an auditor runs this without Frappe.

The retention removes whole sealed blocks and adds a Ledger Pruning entry that says which. That entry is
sealed like any other. Whoever forges one through SQL can't do it silently: every verification tells what was
pruned and by which retention, and a block that was younger than that retention when the pruning was sealed is
a finding.
"""

import calendar
from bisect import bisect_left, insort
from datetime import datetime
from typing import NamedTuple

from crm_transparency.ledger.chain import Seal

PRUNING_LEDGER = "Ledger Pruning"


class Pruning(NamedTuple):
	"""Accounts for the blocks of one ledger from `first_seal` to `last_seal`."""

	last_seal: str
	first_seal: str
	keep_months: int
	pruned_on: str

	def was_due(self, seal: Seal) -> bool:
		"""Say whether the retention had run out for a seal's entries, all of which are older than the seal.

		What can't be read as a moment or a number of months was written by somebody else, and was never due.
		"""
		try:
			due_until = months_before(datetime.fromisoformat(self.pruned_on), self.keep_months)
			return self.keep_months > 0 and datetime.fromisoformat(seal.sealed_on) <= due_until
		except (TypeError, ValueError):
			return False


class Prunings:
	def __init__(self):
		self._by_ledger: dict[str, list[Pruning]] = {}

	def add(self, fields: dict, known_on: str | None) -> None:
		"""Add a Ledger Pruning entry that was there at `known_on`: it can't tell of something that came later."""
		months = fields.get("keep_months")
		pruning = Pruning(
			last_seal=str(fields.get("last_seal", "")),
			first_seal=str(fields.get("first_seal", "")),
			keep_months=months if isinstance(months, int) else 0,
			pruned_on=min(str(fields.get("pruned_on", "")), known_on or ""),
		)
		insort(self._by_ledger.setdefault(str(fields.get("ledger", "")), []), pruning)

	def of(self, seal: Seal) -> Pruning | None:
		"""Return the pruning that accounts for the block of `seal`."""
		prunings = self._by_ledger.get(seal.ledger, [])
		position = bisect_left(prunings, (seal.name,))
		if position < len(prunings) and prunings[position].first_seal <= seal.name:
			return prunings[position]
		return None


def months_before(moment: datetime, months: int) -> datetime:
	"""Return the same day and time `months` earlier, or the last day of that month if it's shorter."""
	year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
	last_day = calendar.monthrange(year, month + 1)[1]
	return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day))
