from datetime import datetime
from typing import NamedTuple

EXPORT = "Export"
MAIL = "Mail to the outside"
BACKUP = "Backup"
LOGIN = "Login from a new address"
PERMISSION_CHANGE = "Permission change"
ALERT = "Alert"


class Event(NamedTuple):
	"""Something that happened. `rows` is how much left, where something did; the reference is where to read more."""

	kind: str
	happened_on: datetime
	sentence: str
	reference_doctype: str | None = None
	reference_name: str | None = None
	rows: int | None = None
