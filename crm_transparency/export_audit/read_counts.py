"""How much people read, counted in Redis while they do and written to Read Volume every hour.

Reads are summed up, after the response, so that nobody waits for it. Different records are counted with HyperLogLog, which
keeps 12 kB however many there are, and is right to within about one in a hundred. Without Redis nothing is counted; nobody's
request fails for it.
"""

import hashlib
from collections.abc import Iterable, Iterator

import frappe
from frappe.utils import add_days, today
from redis.exceptions import RedisError

from crm_transparency.export_audit.export_visibility import READ_VOLUME
from crm_transparency.export_audit.exports import after_the_response

#: every key begins with it; see the hook `persistent_cache_keys`
KEYS = "crm_transparency:reads:"
SEPARATOR = "\x1f"
KEEP_SECONDS = 3 * 24 * 3600
#: among the sums that a run has taken: what these are called, so that no row gets them twice
TURN = "turn"


def add(user: str, reads: Iterable[tuple[str, int, Iterable[str | int]]]) -> None:
	"""Count what a user read today, after the response: DocTypes, how many rows, and which records, where that is known."""
	if user != "Guest":
		reads = list(reads)
		after_the_response(lambda: count(user, reads))


def count(user: str, reads: list[tuple[str, int, Iterable[str | int]]]) -> None:
	"""Add to what a user read today, in a single trip to Redis."""
	day = today()
	try:
		pipeline = frappe.cache.pipeline(transaction=False)
		for doctype, rows, names in reads:
			pipeline.hincrby(sums_key(day), SEPARATOR.join((user, doctype)), rows)
			if names := list(names):
				pipeline.pfadd(records_key(day, user, doctype), *names)
				pipeline.expire(records_key(day, user, doctype), KEEP_SECONDS)
		pipeline.expire(sums_key(day), KEEP_SECONDS)
		pipeline.execute()
	except (RedisError, OSError):
		frappe.logger().warning("CRM Transparency: reads aren't counted, Redis doesn't answer")


def write_read_volume() -> int:
	"""Add what was counted since the last time to Read Volume; return how many rows that concerned. Commits."""
	try:
		return sum(write_day(day) for day in (add_days(today(), -2), add_days(today(), -1), today()))
	except (RedisError, OSError):
		frappe.logger().warning("CRM Transparency: Read Volume wasn't written, Redis doesn't answer")
		return 0


def write_day(day: str) -> int:
	"""Write the sums of a day: those that an interrupted run left, and those since."""
	redis, waiting, taken = frappe.cache, sums_key(day), sums_key(day, "taken")
	written = 0
	for _turn in ("what an interrupted run left", "what came since"):
		if not redis.execute_command("EXISTS", taken) and redis.execute_command("EXISTS", waiting):
			redis.execute_command("RENAME", waiting, taken)
		if redis.execute_command("EXISTS", taken):
			written += write_sums(day, taken)
			# a background job: only what is committed may go from Redis
			frappe.db.commit()  # nosemgrep: frappe-manual-commit
			redis.execute_command("DEL", taken)
	return written


def write_sums(day: str, taken: bytes) -> int:
	redis = frappe.cache
	redis.execute_command("HSETNX", taken, TURN, frappe.generate_hash(length=20))
	turn = frappe.safe_decode(redis.execute_command("HGET", taken, TURN))
	sums = list(sums_in(taken))
	for user, doctype, reads in sums:
		distinct = redis.execute_command("PFCOUNT", records_key(day, user, doctype))
		write(user, day, doctype, reads, distinct, turn)
	return len(sums)


def sums_in(key: bytes) -> Iterator[tuple[str, str, int]]:
	pipeline = frappe.cache.pipeline(transaction=False)
	pipeline.hgetall(key)
	for field, reads in pipeline.execute()[0].items():
		if SEPARATOR in (concerned := frappe.safe_decode(field)):
			user, doctype = concerned.split(SEPARATOR)
			yield user, doctype, int(reads)


def write(user: str, day: str, doctype: str, reads: int, distinct_records: int, turn: str) -> None:
	"""Add to a person's day, unless this turn's sum is in it already: a run may die before it has emptied Redis.

	Redis may have lost its count of different records meanwhile, so the higher one stays.
	"""
	row = {"user": user, "day": day, "reference_doctype": doctype}
	columns = ["name", "reads", "distinct_records", "last_turn"]
	before = frappe.db.get_value(READ_VOLUME, row, columns, as_dict=True)
	if before and before.last_turn == turn:
		return
	if before:
		values = {
			"reads": before.reads + reads,
			"distinct_records": max(before.distinct_records, distinct_records),
			"last_turn": turn,
		}
		frappe.db.set_value(READ_VOLUME, before.name, values)
	else:
		counts = {"reads": reads, "distinct_records": distinct_records, "last_turn": turn}
		frappe.get_doc(doctype=READ_VOLUME, **row, **counts).insert(ignore_permissions=True)


def sums_key(day: str, state: str = "waiting") -> bytes:
	return frappe.cache.make_key(f"{KEYS}{day}:{state}")


def records_key(day: str, user: str, doctype: str) -> bytes:
	"""Return a key that names nothing: Frappe deletes what a DocType's name is in, whenever that is customized."""
	read = hashlib.sha256(SEPARATOR.join((user, doctype)).encode()).hexdigest()
	return frappe.cache.make_key(f"{KEYS}{day}:records:{read}")
