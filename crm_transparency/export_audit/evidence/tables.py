"""Ledger entries as CSV, for people. What is exact to the byte, and sealed, stands in the excerpt beside it."""

import csv
from pathlib import Path

import frappe
from frappe import _

from crm_transparency.ledger.canonical import Value

#: with these a spreadsheet begins a formula, some of them after an invisible character
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
NEUTRALIZER = "'"


class LedgerTable:
	"""One ledger's entries; its hidden fields stay out."""

	def __init__(self, path: Path, ledger: str):
		self.entries = 0
		fields = [field for field in frappe.get_meta(ledger).fields if is_shown(field)]
		self._fieldnames = [field.fieldname for field in fields]
		self._file = path.open("w", encoding="utf-8-sig", newline="")
		self._writer = csv.writer(self._file)
		self._write([_("Entry"), _("Seal"), _("Written on"), *(_(field.label or "") for field in fields)])

	def add(self, name: str, seal: str | None, fields: dict[str, Value]) -> None:
		self.entries += 1
		self._write(
			[
				name,
				seal or _("not sealed yet"),
				fields.get("creation"),
				*(fields.get(fieldname) for fieldname in self._fieldnames),
			]
		)

	def close(self) -> None:
		self._file.close()

	def _write(self, values: list[Value]) -> None:
		self._writer.writerow([harmless(value) for value in values])


def is_shown(field: object) -> bool:
	return field.fieldtype not in frappe.model.no_value_fields and not field.hidden


def harmless(value: Value) -> Value:
	"""Return what a spreadsheet shows as the text it is, and doesn't calculate."""
	if isinstance(value, str) and value.lstrip(" \u200b\ufeff").startswith(FORMULA_BEGINNINGS):
		return NEUTRALIZER + value
	return value
