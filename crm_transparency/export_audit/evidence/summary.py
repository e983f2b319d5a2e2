"""The summary of a bundle: what is in it, in words and figures, on a page or two."""

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import frappe

from crm_transparency.crm_transparency import paper
from crm_transparency.ledger.canonical import Value

TEMPLATE = "crm_transparency/export_audit/evidence/summary.html"
LARGEST = 20


class LargeExport(NamedTuple):
	"""Sorts by size."""

	rows: int
	name: str
	exported_on: str
	channel: str
	what: str


@dataclass
class Summary:
	person: str
	full_name: str
	first_day: str
	last_day: str
	made_by: str
	made_on: str
	purpose: str | None
	entries: Counter = field(default_factory=Counter)
	exports: Counter = field(default_factory=Counter)
	rows: Counter = field(default_factory=Counter)
	largest: list[LargeExport] = field(default_factory=list)
	manifests: int = 0
	altered_manifests: list[str] = field(default_factory=list)
	unsealed: int = 0
	seals: int = 0
	newest_seal: str | None = None
	newest_chain_sha256: str | None = None
	#: evidence of other rooms, and the role that alone may know it
	further_files: int = 0
	only_for_role: str | None = None

	@property
	def entry_count(self) -> int:
		return self.entries.total()

	def add_export(self, name: str, fields: dict[str, Value]) -> None:
		channel, rows = fields.get("channel") or "", fields.get("row_count") or 0
		self.exports[channel] += 1
		self.rows[channel] += rows
		what = fields.get("report_name") or fields.get("reference_doctype") or ""
		export = LargeExport(rows, name, str(fields.get("exported_on"))[:19], channel, what)
		(heapq.heappush if len(self.largest) < LARGEST else heapq.heappushpop)(self.largest, export)

	def ways_out(self) -> Iterator[tuple[str, int, int]]:
		for channel, exports in sorted(self.exports.items()):
			yield channel, exports, self.rows[channel]

	def largest_first(self) -> list[LargeExport]:
		return sorted(self.largest, reverse=True)


def as_file(summary: Summary) -> tuple[str, bytes]:
	"""Return the name of the summary's file and its content: a PDF, or a page where no PDF can be made."""
	# v15 gives templates no `frappe.local`
	around = {"site": frappe.local.site, "language": frappe.local.lang}
	return paper.as_file("summary", frappe.render_template(TEMPLATE, {"summary": summary, **around}))
