"""What a verification found, and how it says so. Plain Python: an auditor runs this without Frappe."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Translate = Callable[[str], str]

FINDINGS_KEPT = 1000
OVERDUE_HOURS = 2


def plain_number(value: int) -> str:
	return f"{value:,}"


def _(sentence: str) -> str:
	"""Mark a sentence for translation; who prints it translates."""
	return sentence


# Every finding has a kind. Its sentence names the entry first and then the seal that it breaks.
SENTENCES = {
	"altered": _("Entry {entry} of {ledger} was altered. This breaks seal {seal} of {sealed_on}."),
	"removed": _("Entry {entry} of {ledger} was removed. This breaks seal {seal} of {sealed_on}."),
	"inserted": _(
		"Entry {entry} of {ledger} was inserted into a sealed block. This breaks seal {seal} of {sealed_on}."
	),
	"re-ordered": _(
		"Entry {entry} of {ledger} was reordered: it changed places with {other}. "
		"This breaks seal {seal} of {sealed_on}."
	),
	"unmarked": _(
		"Entry {entry} of {ledger} is still there, but no longer marked as sealed. "
		"This breaks seal {seal} of {sealed_on}."
	),
	"unmarked and altered": _(
		"Entry {entry} of {ledger} was altered, and is no longer marked as sealed. "
		"This breaks seal {seal} of {sealed_on}."
	),
	"mismatch": _(
		"The entries of {ledger} from {first_entry} to {last_entry} don't match seal {seal} of {sealed_on}. "
		"Which entry differs can't be told, since the seal's list of entries is gone or altered too."
	),
	"block removed": _(
		"The entries of {ledger} from {first_entry} to {last_entry}, {count} in all, were removed, and no pruning "
		"accounts for it. This breaks seal {seal} of {sealed_on}."
	),
	"pruned too early": _(
		"The entries of {ledger} from {first_entry} to {last_entry}, {count} in all, were pruned on {pruned_on}, "
		"before the months to keep them ({months}) were over. Their seal is {seal} of {sealed_on}."
	),
	"seal altered": _("Seal {seal} of {sealed_on} was altered: its chain hash doesn't fit what it says."),
	"entry list altered": _(
		"Seal {seal} of {sealed_on} was altered: its list of entries isn't the one it was sealed with."
	),
	"unknown format": _(
		"Seal {seal} of {sealed_on} is written in the format {format}, which this version can't check. Please use a newer one."
	),
	"seal removed": _("Seal {removed} was removed. Its place is right before seal {seal} of {sealed_on}."),
	"seal missing": _(
		"Seal {seal} is missing, but entries of {ledger} carry its mark: {count} in all, the first of them {entry}. "
		"The seal was removed, or the entries were inserted."
	),
	"back-dated": _(
		"Entry {entry} of {ledger} says that it was written on {creation}, but it wasn't covered when seal {earlier} was "
		"made on {earlier_on}: it was inserted later with an old date, or sealing had failed. It is under seal {seal} of "
		"{sealed_on}."
	),
	"manifest altered": _(
		"The manifest of entry {entry} of {ledger} isn't the one that was recorded: it was altered or removed. The entry "
		"is under seal {seal}."
	),
	"end removed": _(
		"Seal {seal} isn't part of the chain any more, though the server keeps its chain hash outside the database. Such "
		"seals: {count}. The end of the chain was removed or rewritten, or an older backup was restored."
	),
	"fork": _(
		"The chain forks: seal {seal} of {sealed_on} says it follows {previous_seal}, but stands after {stands_after}."
	),
	"unknown head": _(
		"The held chain hash {head} isn't part of this chain. Seals were replaced since it was taken, the site was "
		"restored from an older backup, or the hash belongs to another site."
	),
	"head outside of excerpt": _(
		"The held chain hash {head} isn't one of the seals in this excerpt. Please take one that was held after the "
		"excerpt's first seal, or verify an export of the whole ledger."
	),
	"incomplete": _("The export is incomplete: it ends before its last line."),
}


@dataclass
class Finding:
	kind: str
	values: dict

	def sentence(self, translate: Translate = _, number: Callable[[int], str] = plain_number) -> str:
		counts = {key: number(value) for key, value in self.values.items() if key == "count"}
		return translate(SENTENCES[self.kind]).format(**{**self.values, **counts})


@dataclass
class PrunedBlocks:
	seals: int = 0
	entries: int = 0
	months: set[int] = field(default_factory=set)


@dataclass
class Report:
	"""The result of one verification."""

	seals: int = 0
	entries: int = 0
	unsealed: int = 0
	#: unsealed for longer than the hourly job explains
	overdue: int = 0
	newest_seal: str | None = None
	newest_sealed_on: str | None = None
	newest_chain_sha256: str | None = None
	time_zone: str | None = None
	#: by ledger
	pruned: dict[str, PrunedBlocks] = field(default_factory=dict)
	#: held chain hash -> the seal it belongs to, and how many seals followed since
	heads: dict[str, tuple[str, int]] = field(default_factory=dict)
	#: some entries only, which the seals' lists prove to be sealed
	is_excerpt: bool = False
	findings: list[Finding] = field(default_factory=list)
	finding_count: int = 0

	@property
	def is_clean(self) -> bool:
		return not self.finding_count

	def add(self, kind: str, **values) -> Finding:
		"""Add a finding. Beyond a thousand they are only counted, so that a ruined ledger can be verified too."""
		finding = Finding(kind, values)
		self.finding_count += 1
		if len(self.findings) < FINDINGS_KEPT:
			self.findings.append(finding)
		return finding

	def add_pruned(self, ledger: str, entries: int, months: int) -> None:
		blocks = self.pruned.setdefault(ledger, PrunedBlocks())
		blocks.seals += 1
		blocks.entries += entries
		blocks.months.add(months)

	def sort_findings(self) -> None:
		"""Put the findings in the order of the chain: the first is the oldest."""
		self.findings.sort(key=lambda finding: finding.values["seal"])

	def lines(self, translate: Translate = _, number: Callable[[int], str] = plain_number) -> Iterator[str]:
		"""Say in plain sentences what was checked and found; `number` writes a number as the reader does."""
		self._number = number
		yield translate(_("Seals checked: {seals}. Sealed entries checked: {entries}.")).format(
			seals=number(self.seals), entries=number(self.entries)
		)
		if self.time_zone:
			yield translate(_("Times are those of the time zone {zone}.")).format(zone=self.time_zone)
		if self.newest_seal:
			yield translate(_("The newest seal is {seal} of {sealed_on}, chain hash {head}.")).format(
				seal=self.newest_seal,
				sealed_on=to_the_second(self.newest_sealed_on),
				head=self.newest_chain_sha256,
			)
		yield from self._heads(translate)
		yield from self._pruned(translate)
		yield from self._unsealed(translate)
		yield from self._findings(translate)

	def _heads(self, translate: Translate) -> Iterator[str]:
		for head, (seal, followers) in self.heads.items():
			yield translate(
				_("The held chain hash {head} is that of seal {seal}. Seals added since: {followers}.")
			).format(head=head, seal=seal, followers=self._number(followers))

	def _pruned(self, translate: Translate) -> Iterator[str]:
		for ledger, blocks in sorted(self.pruned.items()):
			yield translate(
				_(
					"Pruned entries of {ledger}: {entries}, under {seals} seals. Months they were kept: {months}."
				)
			).format(
				entries=self._number(blocks.entries),
				ledger=ledger,
				seals=self._number(blocks.seals),
				months=" / ".join(str(months) for months in sorted(blocks.months)),
			)

	def _unsealed(self, translate: Translate) -> Iterator[str]:
		if self.unsealed:
			yield translate(_("Entries not sealed yet: {count}.")).format(count=self._number(self.unsealed))
		if self.overdue:
			yield translate(
				_(
					"Older than {hours} hours, of these: {count}. Please check that the scheduler runs: an "
					"unsealed entry can still be altered unnoticed."
				)
			).format(count=self._number(self.overdue), hours=OVERDUE_HOURS)

	def _findings(self, translate: Translate) -> Iterator[str]:
		if self.is_excerpt:
			yield translate(
				_(
					"This is an excerpt: it shows that its entries are what was sealed, and not that there are no others."
				)
			)
		if self.is_clean and self.is_excerpt:
			yield translate(_("Every sealed entry in it is exactly what was sealed."))
			return
		if self.is_clean:
			yield translate(_("Nothing was altered, removed, inserted or reordered after it was sealed."))
			return
		yield translate(_("Findings: {count}.")).format(count=self._number(self.finding_count))
		for finding in self.findings:
			yield finding.sentence(translate, self._number)
			if finding.values.get("more") and finding.kind != "block removed":
				yield translate(_("More entries that break the same seal: {count}.")).format(
					count=self._number(finding.values["more"])
				)
		if self.finding_count > len(self.findings):
			yield translate(_("Further findings: {count}.")).format(
				count=self._number(self.finding_count - len(self.findings))
			)


def to_the_second(moment: str | None) -> str:
	return (moment or "")[:19]
