"""Which ledger entries are about a person: in the hook `transparency_ledger_people` each ledger names its fields."""

import frappe
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency.period import Period
from crm_transparency.ledger import ledgers, names
from crm_transparency.ledger.ledgers import Condition

HOOK = "transparency_ledger_people"


def conditions(person: str, period: Period) -> dict[str, Condition]:
	"""Return, by ledger, the condition of the entries that name a person and were written in a period.

	Entries keep the name that the person had when they were written, so former names count too.
	"""
	spans = names.spans("User", person)
	fields_by_ledger = frappe.get_hooks(HOOK)
	return {
		ledger: condition(fields_by_ledger[ledger], spans, period)
		for ledger in ledgers.all_ledgers()
		if fields_by_ledger.get(ledger)
	}


def condition(fields: list[str], spans: list[names.NameSpan], period: Period) -> Condition:
	def about_person(table: Table) -> Criterion:
		named = Criterion.any(names.criterion(spans, table[field], table.creation) for field in fields)
		return named & period.contains(table.creation)

	return about_person
