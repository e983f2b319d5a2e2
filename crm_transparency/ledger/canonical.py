"""The canonical form of a ledger entry: the bytes that are hashed.

Whoever wants to check a seal with a program of their own needs only this. An entry's line is the UTF-8 text

	["<name>",{"<field>":<value>,...}]

in JSON as RFC 8785 writes it: no spaces, fields sorted, only `"`, `\\` and control characters escaped. A
value is

- text as it is stored, not normalized in any way;
- a number as an integer, or, if it has a fraction or is beyond 2^53, as text in plain decimal notation with at
  most nine decimals, the most that MariaDB keeps (JSON readers disagree about these);
- a moment as `YYYY-MM-DD HH:MM:SS.ffffff`, a day as `YYYY-MM-DD`, a time as `HH:MM:SS.ffffff`, in the site's
  time zone, which is how Frappe stores them.

Empty fields (NULL, "", 0) are left out. So a later version of a ledger may add fields without breaking old
seals: databases fill a new column with NULL or 0.

Drivers and versions hand over the same value in different types (MariaDB a `Decimal`, SQLite a `float`; a
moment comes as `datetime` or as text). The converters below make one of them. What they can't read stays as
it is, as text: it was never written by the app, and must show up as altered instead of stopping a
verification.
"""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

Value = str | int | None
Converter = Callable[[object], Value]

#: the name of this form, which every seal carries; another form gets another name
FORMAT = "RFC 8785/1"
#: the integers that every JSON reader takes for what they are
MOST_EXACT = 2**53 - 1
DECIMALS = Decimal("1e-9")
MOMENT_LENGTH = len("YYYY-MM-DD HH:MM:SS.ffffff")

#: for these values the same bytes as the package rfc8785 gives, in a sixth of the time: a test compares them
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical_json(value: object) -> bytes:
	"""Return `value` (text, integers, None, lists and dicts of them) as canonical JSON."""
	return _encode(value).encode("utf-8", "surrogatepass")


def text(value: object) -> Value:
	if type(value) is str:
		return value or None
	if isinstance(value, bytes):
		value = value.decode("utf-8", "backslashreplace")
	return str(value) if value is not None and value != "" else None


def number(value: object) -> Value:
	"""Convert whatever counts: numbers with and without a fraction, and check boxes."""
	if isinstance(value, int) or value is None:
		return _whole(int(value or 0))
	try:
		rounded = Decimal(str(value)).quantize(DECIMALS)
	except InvalidOperation:
		return text(value)
	if rounded == rounded.to_integral_value():
		return _whole(int(rounded))
	return f"{rounded:f}".rstrip("0")


def _whole(value: int) -> Value:
	return (value if abs(value) <= MOST_EXACT else str(value)) or None


def moment(value: object) -> Value:
	if isinstance(value, str):
		if not value or (len(value) == MOMENT_LENGTH and value[10] == " "):
			return value or None
		try:
			value = datetime.fromisoformat(value)
		except ValueError:
			return value
	if isinstance(value, datetime):
		return value.isoformat(" ", "microseconds")
	return text(value)


def day(value: object) -> Value:
	if isinstance(value, datetime):
		value = value.date()
	return value.isoformat() if isinstance(value, date) else text(value)


def time_of_day(value: object) -> Value:
	if isinstance(value, str):
		try:
			value = time.fromisoformat(value.rjust(8, "0"))
		except ValueError:
			return text(value)
	if isinstance(value, time):
		return value.isoformat("microseconds")
	if isinstance(value, timedelta):
		return _clock(value)
	return text(value)


def _clock(duration: timedelta) -> str:
	"""Write a duration as MariaDB prints its TIME, which drivers hand over as a duration."""
	microseconds = abs(duration) // timedelta(microseconds=1)
	seconds, microseconds = divmod(microseconds, 1_000_000)
	minutes, seconds = divmod(seconds, 60)
	hours, minutes = divmod(minutes, 60)
	sign = "-" if duration < timedelta() else ""
	return f"{sign}{hours:02}:{minutes:02}:{seconds:02}.{microseconds:06}"
