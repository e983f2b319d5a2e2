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
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from crm_transparency.ledger import chain
from crm_transparency.ledger.chain import Block, Digests, Seal, content_digest
from crm_transparency.ledger.differences import REMOVED, differences
from crm_transparency.ledger.prunings import PRUNING_LEDGER, Prunings
from crm_transparency.ledger.report import FINDINGS_KEPT, OVERDUE_HOURS, Finding, Report, to_the_second

FORMAT = 1


def verify(records: Iterable[dict], heads: Iterable[str] = ()) -> Report:
	"""Check all records and return what was found.

	`heads` are chain hashes that somebody outside held: the report says whether they are part of this chain.
	Raises KeyError, TypeError or ValueError for a record that isn't one.
	"""
	verifier = Verifier(heads)
	for record in records:
		verifier.take(record)
	return verifier.finish()


class Verifier:
	def __init__(self, heads: Iterable[str] = ()):
		self.report = Report()
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
			self._take_seal(Seal(**{field: record[field] for field in Seal._fields}))
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
		overdue_before = datetime.fromisoformat(self._exported_on) - timedelta(hours=OVERDUE_HOURS)
		self._overdue_before = overdue_before.isoformat(" ", "microseconds")

	# Seals

	def _take_seal(self, seal: Seal) -> None:
		self._close_block()
		self._check_place_in_chain(seal)
		self._seal, self._block = seal, Block()
		report = self.report
		report.seals += 1
		report.newest_seal, report.newest_sealed_on = seal.name, seal.sealed_on
		report.newest_chain_sha256 = seal.chain_sha256
		if seal.chain_sha256 in self._heads_wanted:
			self._heads_at[seal.chain_sha256] = (seal.name, report.seals)

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
		else:
			self._take_stray_entry(ledger, mark, name, fields)

	def _take_stray_entry(self, ledger: str, mark: int, name: str, fields: dict) -> None:
		"""Look at an entry outside of its block: it's new, or lost its mark, or carries one that no seal has."""
		self._close_block()
		if mark:
			self.report.entries += 1
		else:
			self.report.unsealed += 1
			self.report.overdue += (fields.get("creation") or "") < self._overdue_before
		if (ledger, name) in self._entries_gone:
			self._correct_finding(*self._entries_gone.pop((ledger, name)), name, fields)
		elif mark:
			self._report_missing_seal(ledger, mark, name)

	def _correct_finding(self, finding: Finding, digest: bytes, name: str, fields: dict) -> None:
		"""Say that an entry that seemed to be removed is still there, without its mark."""
		finding.kind = "unmarked" if content_digest(fields) == digest else "unmarked and altered"
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
			count=f"{seal.entry_count or 0:,}",
			**values,
		)
