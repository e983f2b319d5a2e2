"""Excerpts: some entries of the ledgers, with the seals that prove them. `excerpt_verifier` says how they're written."""

from collections.abc import Iterator, Mapping

import frappe
from frappe.utils import now_datetime

from crm_transparency.ledger import canonical, ledgers, verifier
from crm_transparency.ledger.chain import Seal
from crm_transparency.ledger.excerpt_verifier import EXCERPT
from crm_transparency.ledger.ledgers import UNSEALED, Condition
from crm_transparency.ledger.verification import as_record


def records(conditions: Mapping[str, Condition]) -> Iterator[dict]:
	"""Yield the entries that meet the conditions, which are given by ledger, and their seals, as records.

	Reads a thousand rows at a time; remembers the numbers of the seals, and nothing of the entries.
	"""
	waiting = {ledger: ledgers.marks(ledger, condition) for ledger, condition in conditions.items()}
	sealed = {mark for marks in waiting.values() for mark in marks if mark != UNSEALED}
	first = min(sealed, default=None)
	seals = entries = 0
	yield heading(ledgers.seal_before(first) if first else None)
	for seal in ledgers.seals_from(first) if first else ():
		seals += 1
		is_asked_for = seal.number in waiting.get(seal.ledger, ())
		yield as_seal(seal if is_asked_for else seal._replace(entry_digests=None))
		if is_asked_for:
			waiting[seal.ledger].remove(seal.number)
			for entry in ledgers.entries_with_mark(seal.ledger, seal.number, conditions[seal.ledger]):
				entries += 1
				yield as_record(seal.ledger, entry)
	for ledger, marks in waiting.items():
		for mark in sorted(marks):
			for entry in ledgers.entries_with_mark(ledger, mark, conditions[ledger]):
				entries += 1
				yield as_record(ledger, entry)
	yield {"record": "end", "seals": seals, "entries": entries}


def heading(before: Seal | None) -> dict:
	return {
		"record": EXCERPT,
		"format": verifier.FORMAT,
		"site": frappe.local.site,
		"exported_on": canonical.moment(now_datetime()),
		"previous_seal": before.name if before else None,
		"previous_chain_sha256": before.chain_sha256 if before else None,
	}


def as_seal(seal: Seal) -> dict:
	return {"record": "seal", **seal._asdict()}
