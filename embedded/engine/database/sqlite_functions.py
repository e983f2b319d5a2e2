"""Functions of MariaDB's that SQLite doesn't have. NULL in gives NULL out unless said otherwise."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache, wraps

from dateutil.relativedelta import relativedelta

# MariaDB's letters in date formats that Python spells differently.
FORMAT_LETTERS = {
	"%i": "%M", "%s": "%S", "%M": "%B", "%W": "%A", "%h": "%I", "%c": "%-m", "%e": "%-d", "%k": "%-H",
	"%T": "%H:%M:%S", "%r": "%I:%M:%S %p", "%x": "%G", "%v": "%V", "%u": "%V",
}  # fmt: skip


def register(connection: sqlite3.Connection) -> None:
	"""Make the functions known to a connection."""
	for name, (arguments, function) in FUNCTIONS.items():
		connection.create_function(name, arguments, function)


def moment(value) -> datetime | None:
	"""Return what MariaDB would read as a point in time out of `value`, or None."""
	if value is None or value == "":
		return None
	try:
		return datetime.fromisoformat(str(value))
	except ValueError:
		try:
			return datetime.fromisoformat(str(value)[:19])
		except ValueError:
			return None


def _text(value: datetime | date | None, like=None) -> str | None:
	"""Return a point in time as text; without the time of day when `like` had none."""
	if value is None:
		return None
	if like is not None and len(str(like)) == 10 and value.time() == datetime.min.time():
		return value.date().isoformat()
	return value.strftime("%Y-%m-%d %H:%M:%S" + (".%f" if value.microsecond else ""))


def _of_moment(function: Callable[[datetime], object]) -> Callable:
	@wraps(function)
	def safe(value):
		point = moment(value)
		return None if point is None else function(point)

	return safe


def _null_in_null_out(function: Callable) -> Callable:
	@wraps(function)
	def safe(*values):
		return None if any(value is None for value in values) else function(*values)

	return safe


def concat(*values) -> str | None:
	return None if None in values else "".join(map(_plain, values))


def concat_ws(separator, *values) -> str | None:
	return (
		None if separator is None else separator.join(_plain(value) for value in values if value is not None)
	)


def _plain(value) -> str:
	return value.decode() if isinstance(value, bytes) else str(value)


def date_format(value, pattern) -> str | None:
	point = moment(value)
	if point is None or pattern is None:
		return None
	return point.strftime(
		re.sub(r"%[a-zA-Z]", lambda letter: FORMAT_LETTERS.get(letter[0], letter[0]), pattern)
	)


def date_add(value, amount, unit: str) -> str | None:
	point = moment(value)
	if point is None or amount is None:
		return None
	unit, amount = unit.lower(), float(amount)
	if unit == "quarter":
		unit, amount = "month", amount * 3
	if unit in ("month", "year"):
		shifted = point + relativedelta(**{f"{unit}s": int(amount)})
	else:
		shifted = point + timedelta(**{f"{unit}s": amount})
	return _text(shifted, like=value)


def date_sub(value, amount, unit: str) -> str | None:
	return None if amount is None else date_add(value, -float(amount), unit)


def datediff(later, earlier) -> int | None:
	later, earlier = moment(later), moment(earlier)
	return None if later is None or earlier is None else (later.date() - earlier.date()).days


def timestampdiff(unit: str, earlier, later) -> int | None:
	"""Return the whole units from `earlier` to `later`."""
	earlier, later = moment(earlier), moment(later)
	if earlier is None or later is None:
		return None
	unit = unit.upper()
	if unit in ("MONTH", "QUARTER", "YEAR"):
		distance = relativedelta(later, earlier)
		months = distance.years * 12 + distance.months
		return int(months / {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit])
	length = {"MICROSECOND": 1e-6, "SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 604800}[
		unit
	]
	return int((later - earlier).total_seconds() / length)


def timestamp(value, clock=None) -> str | None:
	"""Return a date, or a date and a time of day, as one point in time."""
	point = moment(value if clock is None else f"{str(value)[:10]} {clock}")
	return None if point is None else _text(point)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern:
	return re.compile(pattern, re.IGNORECASE)


@_null_in_null_out
def regexp(pattern, text) -> bool:
	return _compiled(str(pattern)).search(str(text)) is not None


@_null_in_null_out
def regexp_replace(text, pattern, replacement) -> str:
	return _compiled(str(pattern)).sub(str(replacement), str(text))


@_null_in_null_out
def locate(part, text, start=1) -> int:
	return str(text).lower().find(str(part).lower(), int(start) - 1) + 1


def field(value, *candidates) -> int:
	"""Return the place of `value` among the candidates, from 1; 0 when it isn't there."""
	return candidates.index(value) + 1 if value is not None and value in candidates else 0


@_null_in_null_out
def substring_index(text, separator, count) -> str:
	parts = str(text).split(separator)
	return separator.join(parts[:count] if count >= 0 else parts[count:])


@_null_in_null_out
def find_in_set(value, values) -> int:
	return field(str(value), *str(values).split(","))


def if_(condition, yes, no):
	return yes if condition not in (None, 0, 0.0, "", "0") else no


FUNCTIONS: dict[str, tuple[int, Callable]] = {
	"concat": (-1, concat),
	"concat_ws": (-1, concat_ws),
	"if": (3, if_),
	"now": (0, lambda: datetime.now().strftime("%Y-%m-%d %H:%M:%S")),
	"curdate": (0, lambda: date.today().isoformat()),
	"curtime": (0, lambda: datetime.now().strftime("%H:%M:%S")),
	"date_format": (2, date_format),
	"date_add": (3, date_add),
	"date_sub": (3, date_sub),
	"datediff": (2, datediff),
	"timestampdiff": (3, timestampdiff),
	"timestamp": (-1, timestamp),
	"unix_timestamp": (-1, lambda value=None: int((moment(value) or datetime.now()).timestamp())),
	"year": (1, _of_moment(lambda point: point.year)),
	"quarter": (1, _of_moment(lambda point: (point.month + 2) // 3)),
	"month": (1, _of_moment(lambda point: point.month)),
	"monthname": (1, _of_moment(lambda point: point.strftime("%B"))),
	"week": (-1, lambda value, mode=0: _of_moment(lambda point: int(point.strftime("%U")))(value)),
	"day": (1, _of_moment(lambda point: point.day)),
	"dayofmonth": (1, _of_moment(lambda point: point.day)),
	"dayofyear": (1, _of_moment(lambda point: point.timetuple().tm_yday)),
	"dayofweek": (1, _of_moment(lambda point: point.isoweekday() % 7 + 1)),
	"weekday": (1, _of_moment(lambda point: point.weekday())),
	"dayname": (1, _of_moment(lambda point: point.strftime("%A"))),
	"hour": (1, _of_moment(lambda point: point.hour)),
	"minute": (1, _of_moment(lambda point: point.minute)),
	"second": (1, _of_moment(lambda point: point.second)),
	"last_day": (1, _of_moment(lambda point: (point + relativedelta(day=31)).date().isoformat())),
	"regexp": (2, regexp),
	"regexp_replace": (3, regexp_replace),
	"locate": (-1, locate),
	"field": (-1, field),
	"find_in_set": (2, find_in_set),
	"substring_index": (3, substring_index),
	"char_length": (1, _null_in_null_out(lambda text: len(str(text)))),
	"left": (2, _null_in_null_out(lambda text, count: str(text)[: max(count, 0)])),
	"right": (2, _null_in_null_out(lambda text, count: str(text)[-count:] if count > 0 else "")),
	"greatest": (-1, _null_in_null_out(max)),
	"least": (-1, _null_in_null_out(min)),
}
