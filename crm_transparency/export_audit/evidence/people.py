"""Which ledger entries are about a person: each ledger names the fields that hold users."""

from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency.period import Period
from crm_transparency.ledger import ledgers, names
from crm_transparency.ledger.ledgers import Condition


def conditions(person: str, period: Period) -> dict[str, Condition]:
	"""Return, by ledger, the condition of the entries that name a person and were written in a period.

	Entries keep the name that the person had when they were written, so former names count too.
	"""
	spans = names.spans("User", person)
	fields_by_ledger = {ledger: ledgers.people_in(ledger) for ledger in ledgers.all_ledgers()}
	return {ledger: condition(fields, spans, period) for ledger, fields in fields_by_ledger.items() if fields}


def condition(fields: tuple[str, ...], spans: list[names.NameSpan], period: Period) -> Condition:
	def about_person(table: Table) -> Criterion:
		named = Criterion.any(names.criterion(spans, table[field], table.creation) for field in fields)
		return named & period.contains(table.creation)

	return about_person
