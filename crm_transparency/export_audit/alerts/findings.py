"""What a rule looks at, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from frappe.utils import get_datetime
from pypika import Criterion
from pypika.queries import Table

LARGE = "Large Export"
UNUSUAL = "Unusual for This Person"
MANY_READ = "Many Records Read"
PRIVATE = "Sent to a Private Address"
LEAVING = "Leaving"
API_KEY = "First Export by an API Key"


class Window(NamedTuple):
	"""From the first day to the last one, both included; of one user, or of everybody."""

	first: date
	last: date
	user: str | None = None

	def contains(self, log: Table) -> Criterion:
		"""Return the condition under which an entry of the Export Log lies in the window."""
		after = get_datetime(self.last) + timedelta(days=1)
		condition = (log.exported_on >= get_datetime(self.first)) & (log.exported_on < after)
		return condition & (log.user == self.user) if self.user else condition


@dataclass(frozen=True)
class Finding:
	"""Something that somebody should have a look at, in words: what happened, why it is raised, what is normal."""

	rule: str
	user: str
	impersonated_by: str | None
	day: date
	#: rows or records: by how much it grows, it is told whether something looked at is now another matter
	figure: int
	explanation: str
	reason: str
	normal: str
	export_log: str | None = None
	#: what, besides rule and people, makes two findings the same kind
	kind: tuple[str, ...] = ()
	#: whether the same kind is a new occasion on the next day
	is_daily: bool = True


Rule = Callable[[Window], Iterator[Finding]]
