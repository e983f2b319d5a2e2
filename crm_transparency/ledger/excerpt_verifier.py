"""Verification of an excerpt: some entries of the ledgers, such as those about one person. Plain Python.

Records are what an excerpt holds, one JSON object a line (here: dicts), in this order:

	{"record": "excerpt", "format": 1, "site": …, "exported_on": …,
	 "previous_seal": …, "previous_chain_sha256": …}    of the seal before the first one below; null if there is none
	{"record": "seal", …}            from the first that covers one of the entries to the newest, without gaps
	{"record": "entry", …}           those of the entries that carry its number, in the order of their names
	…
	{"record": "entry", …}           at last those that carry none, or that of a seal that isn't there
	{"record": "end", "seals": …, "entries": …}

Seals and entries are written as in an export of everything, see `verifier`. A seal that covers none of the entries
stands there as a link of the chain only, without its `entry_digests`.

So without the rest of the ledger this is proven, one step resting on the next:

1. the entry's fields have the digest that stands beside its name in the seal's list (`entry_digests`);
2. the list has the hash that the seal covers (`entry_digests_sha256`);
3. the seal has the chain hash that the next seal covers, up to the newest;
4. with a chain hash that somebody outside held (`--head`): the chain is the one of that day.

What no excerpt can prove is that there were no other entries.
"""

from crm_transparency.ledger import chain
from crm_transparency.ledger.chain import Block, Seal
from crm_transparency.ledger.differences import ALTERED, INSERTED
from crm_transparency.ledger.verifier import Verifier

EXCERPT = "excerpt"


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
