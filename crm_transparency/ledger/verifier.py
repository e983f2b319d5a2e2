"""Verification of a ledger's records. Plain Python: the site and an auditor's machine run the same code.

Records are what an export holds, one JSON object a line (here: dicts), in this order:

	{"record": "export", "format": 1, "site": …, "exported_on": …}
	{"record": "seal", …}            in the order of their numbers, each followed by the entries that carry its number:
	{"record": "entry", "ledger": …, "seal": …, "name": …, "fields": {…}}
	…
	{"record": "entry", …}           at last those that carry none, or that of a seal that isn't there
	{"record": "end", "seals": …, "entries": …}

Memory doesn't grow with the number of entries: what is kept is one block's digests, the seals of blocks found
empty (until the prunings that account for them have come by) and a limited number of findings.

An excerpt, some entries of the ledgers such as those about one person, begins with

	{"record": "excerpt", "format": 1, "site": …, "exported_on": …,
	 "previous_seal": …, "previous_chain_sha256": …}    of the seal before the first one below; null if there is none

and goes on with the seals from the first that covers one of the entries to the newest, without gaps. A seal that covers
none of them stands there as a link of the chain only, without its `entry_digests`. So without the rest of the ledger
this is proven, one step resting on the next:

1. the entry's fields have the digest that stands beside its name in the seal's list (`entry_digests`);
2. the list has the hash that the seal covers (`entry_digests_sha256`);
3. the seal has the chain hash that the next seal covers, up to the newest;
4. with a chain hash that somebody outside held (`--head`): the chain is the one of that day.

What no excerpt can prove is that there were no other entries.

An auditor who pulls (see `audit`) gets an excerpt from the newest seal that it knows on, with all entries since, but not
what they say. Instead of entries there are their names, digests and times of creation:

	{"record": "digests", "ledger": …, "seal": …, "entries": [[name, digest, creation], …]}

The retention removes whole sealed blocks and adds a Ledger Pruning entry that says which, sealed like any other. Whoever
forges one through SQL can't do it silently: every verification tells what was pruned and by which retention, and a block
that was younger than that retention when the pruning was sealed is a finding.
"""

import calendar
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from crm_transparency.ledger import canonical, chain
from crm_transparency.ledger.chain import Block, Digests, Seal, content_digest
from crm_transparency.ledger.report import FINDINGS_KEPT, OVERDUE_HOURS, Finding, Report, to_the_second

FORMAT = 1
EXCERPT = "excerpt"
PRUNING_LEDGER = "Ledger Pruning"
#: what can happen to an entry
ALTERED, REMOVED, INSERTED, REORDERED = "altered", "removed", "inserted", "re-ordered"


class Verifier:
	def __init__(self, heads: Iterable[str] = (), kept: Mapping[str, str] | None = None):
		"""`kept` are chain hashes with their seals that the site itself keeps outside its database."""
		self.report = Report()
		self._kept = dict(kept or {})
		#: name and time of seals from the last hours, and of the newest one before
		self._recent: deque[tuple[str, str]] = deque()
		self._settled: tuple[str, str] | None = None
		self._prunings = Prunings()
		self._heads_wanted = set(heads)
		self._heads_at: dict[str, tuple[str, int]] = {}
		self._seal: Seal | None = None
		#: name and chain hash of the seal before the first one: none, unless the records are an excerpt
		self._before: tuple[str | None, str | None] = (None, None)
		#: None while no block is open: before the first seal and after the last one's entries
		self._block: Block | None = None
		self._altered_seal: str | None = None
		self._blocks_gone: list[Seal] = []
		self._entries_gone: dict[tuple[str, str], tuple[Finding, bytes]] = {}
		self._seals_missing: dict[tuple[str, int], Finding] = {}
		self._exported_on = self._overdue_before = ""
		self._is_complete = False

	def take(self, record: dict) -> None:
		if record["record"] == "entry":
			self._take_entry(record["ledger"], record["seal"], record["name"], record["fields"])
		elif record["record"] == "seal":
			self._take_seal(
				Seal(
					**{"format": None, **{field: record[field] for field in Seal._fields if field in record}}
				)
			)
		elif record["record"] == "export":
			self._take_heading(record)
		elif record["record"] == "end":
			counts = (self.report.seals, self.report.entries + self.report.unsealed)
			self._is_complete = (record["seals"], record["entries"]) == counts
		else:
			raise ValueError(f"unknown record {record['record']}")

	def finish(self) -> Report:
		self._close_block()
		for seal in self._blocks_gone:
			self._account_for(seal)
		if self._kept:
			self.report.add("end removed", seal=min(self._kept.values()), count=len(self._kept))
		self.report.sort_findings()
		for head in sorted(self._heads_wanted):
			self._report_head(head)
		if not self._is_complete:
			self.report.add("incomplete")
		return self.report

	def _take_heading(self, record: dict) -> None:
		if record["format"] != FORMAT:
			raise ValueError(f"format {record['format']} is newer than this verifier")
		self._exported_on = record["exported_on"]
		self._overdue_before = hours_before(self._exported_on)
		self.report.time_zone = record.get("time_zone")

	# Seals

	def _take_seal(self, seal: Seal) -> None:
		self._close_block()
		self._check_place_in_chain(seal)
		self._seal, self._block = seal, Block()
		self._settle(seal)
		self._kept.pop(seal.chain_sha256, None)
		report = self.report
		if seal.format not in (None, canonical.FORMAT):
			self._report_seal("unknown format", seal, format=seal.format)
		report.seals += 1
		report.newest_seal, report.newest_sealed_on = seal.name, seal.sealed_on
		report.newest_chain_sha256 = seal.chain_sha256
		if seal.chain_sha256 in self._heads_wanted:
			self._heads_at[seal.chain_sha256] = (seal.name, report.seals)

	def _settle(self, seal: Seal) -> None:
		"""Note which seal was the newest some hours before this one: it covers what was written hours before it."""
		try:
			hours_ago = hours_before(seal.sealed_on)
		except (TypeError, ValueError):
			return  # the seal was altered, which its chain hash tells
		while self._recent and self._recent[0][1] <= hours_ago:
			self._settled = self._recent.popleft()
		self._recent.append((seal.name, seal.sealed_on))

	def _check_place_in_chain(self, seal: Seal) -> None:
		"""Compare a seal with the one before it; after a gap or a fork its chain hash can't be checked."""
		last = self._seal
		last_name, last_hash = (last.name, last.chain_sha256) if last else self._before
		last_number = last.number if last else chain.number_of(last_name)
		if seal.previous_seal == last_name:
			if seal.chain_hash(last_hash) != seal.chain_sha256:
				self._report_altered(seal)
		elif last_number < chain.number_of(seal.previous_seal) < seal.number:
			self._report_seal("seal removed", seal, removed=seal.previous_seal)
		else:
			self._report_seal("fork", seal, previous_seal=seal.previous_seal, stands_after=last_name)

	def _report_altered(self, seal: Seal) -> None:
		if self._altered_seal != seal.name:
			self._altered_seal = seal.name
			self._report_seal("seal altered", seal)

	def _report_head(self, head: str) -> None:
		if head in self._heads_at:
			seal, position = self._heads_at[head]
			self.report.heads[head] = (seal, self.report.seals - position)
		else:
			self.report.add("unknown head", head=head)

	# Entries

	def _take_entry(self, ledger: str, mark: int, name: str, fields: dict) -> None:
		"""Take an entry that carries the number `mark`, which is 0 until it's sealed."""
		seal = self._seal
		if ledger == PRUNING_LEDGER:
			is_sealed = seal is not None and mark == seal.number
			self._prunings.add(fields, known_on=seal.sealed_on if is_sealed else self._exported_on)
		if self._block is not None and mark == seal.number and ledger == seal.ledger:
			self.report.entries += 1
			self._block.add(name, fields)
			self._check_creation(seal, name, fields.get("creation"))
		else:
			self._take_stray_entry(ledger, mark, name, fields)

	def _check_creation(self, seal: Seal, name: str, creation: str | None) -> None:
		"""Report an entry that says it was written long before the seal before it, which should have covered it."""
		if self._settled and (creation or "") < hours_before(self._settled[1]):
			earlier, earlier_on = self._settled
			self._report_seal(
				"back-dated",
				seal,
				entry=name,
				ledger=seal.ledger,
				creation=to_the_second(creation),
				earlier=earlier,
				earlier_on=to_the_second(earlier_on),
			)

	def _take_stray_entry(
		self, ledger: str, mark: int, name: str, fields: dict, digest: bytes | None = None
	) -> None:
		"""Look at an entry outside of its block: it's new, or lost its mark, or carries one that no seal has."""
		self._close_block()
		if mark:
			self.report.entries += 1
		else:
			self.report.unsealed += 1
			self.report.overdue += (fields.get("creation") or "") < self._overdue_before
		if (ledger, name) in self._entries_gone:
			finding, sealed = self._entries_gone.pop((ledger, name))
			self._correct_finding(finding, sealed == (digest or content_digest(fields)), name)
		elif mark:
			self._report_missing_seal(ledger, mark, name)

	def _correct_finding(self, finding: Finding, is_unaltered: bool, name: str) -> None:
		"""Say that an entry that seemed to be removed is still there, without its mark."""
		finding.kind = "unmarked" if is_unaltered else "unmarked and altered"
		finding.values["entry"] = name

	def _report_missing_seal(self, ledger: str, mark: int, name: str) -> None:
		finding = self._seals_missing.get((ledger, mark))
		if finding is None:
			finding = self.report.add(
				"seal missing", seal=chain.name_of(mark), ledger=ledger, entry=name, count=0
			)
			self._seals_missing[ledger, mark] = finding
		finding.values["count"] += 1

	# Blocks

	def _close_block(self) -> None:
		"""Compare the entries since the last seal with what it says about them."""
		seal, block = self._seal, self._block
		self._block = None
		if block is None or seal is None:
			return
		if not block.digests and not seal.entry_digests:
			self._blocks_gone.append(seal)
			return
		sealed = chain.unpack(seal)
		if sealed is None:
			self._report_seal("entry list altered", seal)
		if block.matches(seal):
			return
		if sealed is None:
			self._report_block("mismatch", seal)
		else:
			self._report_differences(seal, sealed, block)

	def _report_differences(self, seal: Seal, sealed: Digests, block: Block) -> None:
		found = differences(sealed, block.digests)
		if not found:
			# the entries are those of the list that the seal covers, so it's the seal that is wrong
			self._report_altered(seal)
			return
		entry = found[0].entry
		values = {"entry": entry, "other": found[0].other, "more": len(found) - 1}
		kind = found[0].kind if block.digests else "block removed"
		finding = self._report_block(kind, seal, **values)
		if found[0].kind == REMOVED and len(self._entries_gone) < FINDINGS_KEPT:
			self._entries_gone[seal.ledger, entry] = (finding, dict(sealed)[entry])

	def _account_for(self, seal: Seal) -> None:
		"""Tell a pruned block from one that was removed; prunings stand later in the chain than what they removed."""
		pruning = self._prunings.of(seal)
		if pruning is None:
			self._report_block("block removed", seal)
		elif pruning.was_due(seal):
			self.report.add_pruned(seal.ledger, seal.entry_count or 0, pruning.keep_months)
		else:
			self._report_block(
				"pruned too early",
				seal,
				pruned_on=to_the_second(pruning.pruned_on),
				months=pruning.keep_months,
			)

	# Wording

	def _report_seal(self, kind: str, seal: Seal, **values) -> Finding:
		return self.report.add(kind, seal=seal.name, sealed_on=to_the_second(seal.sealed_on), **values)

	def _report_block(self, kind: str, seal: Seal, **values) -> Finding:
		return self._report_seal(
			kind,
			seal,
			ledger=seal.ledger,
			first_entry=seal.first_entry,
			last_entry=seal.last_entry,
			count=seal.entry_count or 0,
			**values,
		)


class ExcerptVerifier(Verifier):
	def take(self, record: dict) -> None:
		if record["record"] == EXCERPT:
			self.report.is_excerpt = True
			self._before = (record["previous_seal"], record["previous_chain_sha256"])
			self._take_heading(record)
		else:
			super().take(record)

	def _close_block(self) -> None:
		"""Look up the entries since the last seal in its list."""
		seal, block = self._seal, self._block
		self._block = None
		if seal is None or block is None or not block.digests:
			return
		sealed = chain.unpack(seal)
		if sealed is None:
			self._report_seal("entry list altered", seal)
		else:
			self._look_up(seal, block, dict(sealed))

	def _look_up(self, seal: Seal, block: Block, sealed: dict[str, bytes]) -> None:
		for name, digest in block.digests:
			expected = sealed.pop(name, None)  # an entry that comes twice isn't there the second time
			if expected != digest:
				self._report_block(INSERTED if expected is None else ALTERED, seal, entry=name)

	def _report_head(self, head: str) -> None:
		if head in self._heads_at:
			super()._report_head(head)
		else:
			self.report.add("head outside of excerpt", head=head)


class AuditVerifier(Verifier):
	"""Verifies what an auditor pulled: the chain since a seal, and digests instead of entries."""

	def take(self, record: dict) -> None:
		if record["record"] == EXCERPT:
			self._before = (record["previous_seal"], record["previous_chain_sha256"])
			self._take_heading(record)
		elif record["record"] == "digests":
			for name, digest, creation in record["entries"]:
				self._take_digest(record["ledger"], record["seal"], name, bytes.fromhex(digest), creation)
		else:
			super().take(record)

	def _take_digest(self, ledger: str, mark: int, name: str, digest: bytes, creation: str | None) -> None:
		seal = self._seal
		if self._block is not None and seal and mark == seal.number and ledger == seal.ledger:
			self.report.entries += 1
			self._block.add_digest(name, digest)
			self._check_creation(seal, name, creation)
		else:
			self._take_stray_entry(ledger, mark, name, {"creation": creation}, digest)


class Pruning(NamedTuple):
	"""Accounts for the blocks of one ledger from `first_seal` to `last_seal`."""

	last_seal: str
	first_seal: str
	keep_months: int
	pruned_on: str

	def was_due(self, seal: Seal) -> bool:
		"""Return whether the retention had run out for a seal's entries, all of which are older than the seal.

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


def hours_before(moment: str) -> str:
	"""Return the moment as long before another as sealing an entry may take."""
	earlier = datetime.fromisoformat(moment) - timedelta(hours=OVERDUE_HOURS)
	return earlier.isoformat(" ", "microseconds")


def months_before(moment: datetime, months: int) -> datetime:
	"""Return the same day and time `months` earlier, or the last day of that month if it's shorter."""
	year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
	last_day = calendar.monthrange(year, month + 1)[1]
	return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day))


class Difference(NamedTuple):
	"""`other` is, for a re-ordered entry, the name under which its content was sealed or is found now."""

	kind: str
	entry: str
	other: str | None = None


def differences(sealed: Digests, found: Digests) -> list[Difference]:
	"""Return what differs, in the order of the entries' names; both lists hold (name, digest)."""
	before, now = dict(sealed), dict(found)
	differing = [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
	# only a content that left its place can be re-ordered: a copy of an untouched entry is an alteration
	came_from = {before[name]: name for name in differing if name in before}
	went_to = {now[name]: name for name in differing if name in now}
	found_differences = [_difference(name, before, now, came_from, went_to) for name in differing]
	return [difference for difference in found_differences if difference] or _disorder(sealed, found)


def _difference(
	name: str,
	before: dict[str, bytes],
	now: dict[str, bytes],
	came_from: dict[bytes, str],
	went_to: dict[bytes, str],
) -> Difference | None:
	if name not in now:
		new_name = went_to.get(before[name])
		return Difference(REORDERED, name, new_name) if new_name else Difference(REMOVED, name)
	old_name = came_from.get(now[name])
	if name not in before:
		# the other end of a removal that was reported as re-ordered
		return None if old_name and old_name not in now else Difference(INSERTED, name)
	return Difference(REORDERED, name, old_name) if old_name else Difference(ALTERED, name)


def _disorder(sealed: Digests, found: Digests) -> list[Difference]:
	"""Return the first entry that stands in another place, or twice: an exported file can be shuffled."""
	for (expected, _digest), (entry, _other_digest) in zip(sealed, found, strict=False):
		if entry != expected:
			return [Difference(REORDERED, entry, expected)]
	return [Difference(INSERTED, found[-1][0])] if len(found) > len(sealed) else []
