"""MariaDB's SQL in SQLite's words, and values as SQLite wants them. No frappe in here: text in, text out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

UNITS = "MICROSECOND|SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR"
PLACEHOLDER = re.compile(r"%%|%s|%d|%i|%f|%\((\w+)\)[sdif]")
ROW_LOCK = re.compile(r"\s+(?:FOR\s+UPDATE|LOCK\s+IN\s+SHARE\s+MODE)(\s+NOWAIT|\s+SKIP\s+LOCKED)?\s*$", re.I)
READS = ("select", "pragma", "explain", "rollback", "commit", "release", "begin", "values")

AMOUNT = r"'?(-?\d+(?:\.\d+)?|%s|%\(\w+\)s)"
OPERAND = r"(NOW\(\)|CURDATE\(\)|CURRENT_TIMESTAMP|[`\"\w.]+|%s|%\(\w+\)s)"
REWRITES: tuple[tuple[re.Pattern, str], ...] = (
	(re.compile(r"\bINSERT\s+IGNORE\b", re.I), "INSERT OR IGNORE"),
	(re.compile(rf"\b(TIMESTAMPDIFF|EXTRACT)\(\s*({UNITS})\s*,", re.I), r"\1('\2',"),
	(re.compile(rf",\s*INTERVAL\s+{AMOUNT}'?\s+'?({UNITS})'?\s*\)", re.I), r", \1, '\2')"),
	(re.compile(rf"{OPERAND}\s*-\s*INTERVAL\s+{AMOUNT}'?\s+({UNITS})\b'?", re.I), r"DATE_SUB(\1, \2, '\3')"),
	(re.compile(rf"{OPERAND}\s*\+\s*INTERVAL\s+{AMOUNT}'?\s+({UNITS})\b'?", re.I), r"DATE_ADD(\1, \2, '\3')"),
	(re.compile(r"\b(LEFT|RIGHT)\s*\(", re.I), r"`\1`("),
	(re.compile(r"<=>"), " IS "),
	# Indexes carry their table's name in front; see sqlite_table.
	(
		re.compile(r"^\s*DROP\s+INDEX\s+(IF\s+EXISTS\s+)?`?(\w+)`?\s+ON\s+`?([^`]+?)`?\s*$", re.I),
		r"DROP INDEX \1`\3.\2`",
	),
	(
		re.compile(r"^\s*ALTER\s+TABLE\s+`?([^`]+?)`?\s+DROP\s+INDEX\s+(IF\s+EXISTS\s+)?`?(\w+)`?\s*$", re.I),
		r"DROP INDEX \2`\1.\3`",
	),
)


class Statement(NamedTuple):
	"""A statement in SQLite's words, and what it wants locked."""

	sql: str
	locks: bool
	waits: bool


@lru_cache(maxsize=4096)
def translate(query: str) -> Statement:
	"""Return `query` (with its placeholders) as SQLite takes it.

	It `locks` when it writes, or asks for its rows to be locked; SQLite then locks the whole database.
	It doesn't wait for the lock if the query says NOWAIT.
	"""
	row_lock = ROW_LOCK.search(query)
	if row_lock:
		query = query[: row_lock.start()]
	for pattern, replacement in REWRITES:
		query = pattern.sub(replacement, query)
	first_word = query.lstrip(" \t\n(").split(None, 1)[0].lower() if query.strip() else ""
	waits = not (row_lock and (row_lock[1] or "").strip().upper() == "NOWAIT")
	return Statement(query, bool(row_lock) or first_word not in READS, waits)


def bind(sql: str, values: Sequence | Mapping | None) -> tuple[str, list]:
	"""Return `sql` with `?` for each placeholder, and the values in their order; lists are spread for IN.

	Without values a percent sign stands for itself, as with MariaDB's drivers.
	"""
	if values is None:
		return sql, []
	named = isinstance(values, Mapping)
	remaining = iter(() if named else values)
	bound: list = []

	def bind_one(match: re.Match) -> str:
		if match[0] == "%%":
			return "%"
		value = values[match[1]] if match[1] else next(remaining)
		if isinstance(value, list | tuple | set | frozenset):
			bound.extend(map(adapt, value))
			return f"({', '.join('?' * len(value))})"
		bound.append(adapt(value))
		return "?"

	try:
		return PLACEHOLDER.sub(bind_one, sql), bound
	except StopIteration:
		raise TypeError(f"There are more placeholders than the {len(values)} values given: {sql}") from None


def adapt(value: Any) -> Any:
	"""Return `value` as one of the types that SQLite stores, in the form that MariaDB would show it."""
	if value is None or type(value) in (str, int, float, bytes):
		return value
	if isinstance(value, Enum):
		return adapt(value.value)
	if isinstance(value, bool | int):
		return int(value)
	if isinstance(value, datetime):
		return value.replace(tzinfo=None).strftime("%Y-%m-%d %H:%M:%S.%f")
	if isinstance(value, date):
		return value.isoformat()
	if isinstance(value, time):
		return value.strftime("%H:%M:%S.%f")
	if isinstance(value, timedelta):
		return timedelta_text(value)
	if isinstance(value, Decimal | float):
		return float(value)
	return str(value)


def timedelta_text(value: timedelta) -> str:
	"""Return a time of day or a length of time as "HH:MM:SS.ffffff"."""
	seconds = abs(value)
	hours, remainder = divmod(seconds.days * 86400 + seconds.seconds, 3600)
	sign = "-" if value < timedelta() else ""
	return f"{sign}{hours:02}:{remainder // 60:02}:{remainder % 60:02}.{seconds.microseconds:06}"


def datetime_value(stored: bytes) -> datetime | str | None:
	"""Read a DATETIME column; text that is no time is returned as it is."""
	text = stored.decode()
	try:
		return datetime.fromisoformat(text) if text else None
	except ValueError:
		return text


def date_value(stored: bytes) -> date | str | None:
	"""Read a DATE column; a time of day after the date is dropped, as MariaDB does when it stores one."""
	text = stored.decode()
	try:
		return date.fromisoformat(text[:10]) if text else None
	except ValueError:
		return text


def time_value(stored: bytes) -> timedelta | str | None:
	"""Read a TIME column, which MariaDB's drivers hand out as timedelta."""
	text = stored.decode()
	match = re.fullmatch(r"(-?)(\d+):(\d+)(?::(\d+)(?:\.(\d{1,6}))?)?", text)
	if not match:
		return text or None
	sign, hours, minutes, seconds, fraction = match.groups()
	length = timedelta(
		hours=int(hours),
		minutes=int(minutes),
		seconds=int(seconds or 0),
		microseconds=int((fraction or "0").ljust(6, "0")),
	)
	return -length if sign else length
