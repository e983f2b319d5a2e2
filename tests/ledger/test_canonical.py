"""The canonical form: the same bytes for the same entry, wherever it's stored; others for any other."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import frappe
import pytest
import rfc8785
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from crm_transparency.ledger import canonical, chain, ledgers
from tests.ledger.tampering import LEDGER, add_entry, alter, behind_the_back

# what a database can store: no surrogates, no NUL
stored_text = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=140)
field_names = some.from_regex(r"[a-z][a-z_0-9]{0,15}", fullmatch=True)
entry_fields = some.dictionaries(field_names, stored_text | some.integers(), max_size=8)


@given(entry_fields)
def test_it_is_json_that_reads_back_as_it_was(fields):
	assert json.loads(canonical.canonical_json(fields)) == fields


@given(some.dictionaries(field_names, stored_text | some.integers(-(2**53) + 1, 2**53 - 1), max_size=8))
def test_it_is_what_the_package_for_rfc_8785_writes(fields):
	assert canonical.canonical_json(fields) == rfc8785.dumps(fields)
	assert canonical.number(2**53) == str(2**53)


@given(entry_fields, entry_fields)
def test_different_entries_give_different_bytes(one, other):
	same = canonical.canonical_json(one) == canonical.canonical_json(other)
	assert same == (one == other)


@given(some.lists(some.tuples(field_names, stored_text), unique_by=lambda item: item[0]))
def test_the_order_of_fields_does_not_matter(items):
	assert canonical.canonical_json(dict(items)) == canonical.canonical_json(dict(reversed(items)))


def test_it_is_written_as_documented():
	fields = {"b": 'Ä"\\/\n\x1f\u2028😀', "a": 12}
	assert canonical.canonical_json(fields).decode() == '{"a":12,"b":"Ä\\"\\\\/\\n\\u001f\u2028😀"}'


@pytest.mark.parametrize(
	("convert", "expected", "same"),
	[
		(canonical.text, "1", ["1", b"1", 1]),
		(canonical.text, None, [None, ""]),
		(canonical.text, "0", ["0", 0]),
		(canonical.number, 7, [7, 7.0, Decimal("7.000000000"), "7", "7.0"]),
		(canonical.number, 1, [True, 1]),
		(canonical.number, None, [None, 0, 0.0, Decimal("0E-9"), False, "0"]),
		(canonical.number, "0.3", [0.1 + 0.2, Decimal("0.300000000"), "0.3"]),
		(canonical.number, "-1234567.891", [-1234567.891, Decimal("-1234567.891000000")]),
		(canonical.number, 10**12, [10**12, 1e12, Decimal(10**12)]),
		(
			canonical.moment,
			"2026-11-22 10:00:00.000000",
			[
				datetime(2026, 11, 22, 10),
				"2026-11-22 10:00:00",
				"2026-11-22T10:00:00",
				"2026-11-22 10:00:00.000",
			],
		),
		(canonical.moment, "2026-11-22 10:00:00.123456", [datetime(2026, 11, 22, 10, 0, 0, 123456)]),
		(canonical.moment, None, [None, ""]),
		(canonical.day, "2026-11-22", [date(2026, 11, 22), datetime(2026, 11, 22), "2026-11-22"]),
		(
			canonical.time_of_day,
			"09:05:00.000000",
			[time(9, 5), timedelta(hours=9, minutes=5), "9:05:00", "09:05:00"],
		),
		(canonical.time_of_day, "-26:00:00.500000", [-timedelta(hours=26, microseconds=500_000)]),
	],
)
def test_a_value_has_one_form_whatever_type_a_driver_gives_it(convert, expected, same):
	for value in same:
		assert convert(value) == expected, repr(value)


@given(some.text(max_size=40))
@example("nan")
@example("Infinity")
@example("2026-13-01 00:00:00")
@example("25:61:00")
def test_what_cannot_be_read_stays_as_text(junk):
	"""Somebody who writes junk into a column must be found out, not stop the verification."""
	for convert in (canonical.number, canonical.moment, canonical.day, canonical.time_of_day):
		value = convert(junk)
		assert value is None or isinstance(value, int | str)
		assert value is not None or not junk.strip() or convert is canonical.number


@given(some.datetimes(min_value=datetime(1000, 1, 1)))
def test_moments_are_told_apart_to_the_microsecond(moment):
	assert canonical.moment(moment) != canonical.moment(
		moment + timedelta(microseconds=1) if moment < datetime.max else datetime.min
	)
	assert datetime.fromisoformat(canonical.moment(moment)) == moment


class TestStored:
	"""What comes back from the ground's database."""

	@pytest.fixture
	def entry(self, connected_site) -> str:
		return add_entry()

	def read(self, name: str) -> dict:
		[fields] = [fields for entry, _mark, fields in ledgers.unsealed_entries(LEDGER) if entry == name]
		return fields

	@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
	@given(text=stored_text.filter(lambda text: "\r" not in text))
	@example("Ä ö 😀 \u200b \x01 \x7f \\ \" ' % %s %(x)s -- \t\n")
	@example(" leading and trailing ")
	def test_text_is_hashed_as_it_was_stored(self, entry, text):
		alter(entry, "reason", text)
		assert self.read(entry).get("reason", "") == text

	def test_the_same_entries_give_the_same_hash_on_every_database_and_version(self, connected_site):
		"""The literal hash: what was sealed on one version and database must verify on every later one."""
		name = add_entry()
		values = {
			"name": "18ea57ec858f11ad14af4509",
			"creation": "2026-11-22 10:00:00.120000",
			"reference_name": "Harbour Books",
			"account_title": "Härbour “Books” 😀",
			"changed_on": "2026-11-22 10:00:00",
			"reason": 'She said:\n\t"it\'s 100 % fine" \\o/',
			"previous_owner": "",
			"utc_offset": "",  # which entries of the first version didn't have
		}
		for fieldname, value in values.items():
			alter(name, fieldname, value)
			name = values["name"] if fieldname == "name" else name
		block = chain.Block()
		block.add(name, self.read(name))
		assert block.entries_sha256 == "c00021d1f2307c50bb3db5d1787eead13292e0499d7f7d5a1c7d19a19010def5"

	def test_numbers_too(self, connected_site):
		from crm_transparency.ledger import entries

		pruning = entries.add(
			"Ledger Pruning",
			ledger=LEDGER,
			first_seal="SEAL-00000001",
			last_seal="SEAL-00000007",
			seal_count=7,
			entry_count=0,
			keep_months=36,
			pruned_on="2026-11-22 10:00:00.5",
		)
		behind_the_back(
			"update `tabLedger Pruning` set creation = %s where name = %s",
			"2026-11-22 10:00:01",
			pruning.name,
		)
		stored = {name: fields for name, _mark, fields in ledgers.unsealed_entries("Ledger Pruning")}
		assert stored[pruning.name] == {
			"creation": "2026-11-22 10:00:01.000000",
			"first_seal": "SEAL-00000001",
			"keep_months": 36,
			"last_seal": "SEAL-00000007",
			"ledger": LEDGER,
			"pruned_on": "2026-11-22 10:00:00.500000",
			"seal_count": 7,
			"utc_offset": pruning.utc_offset,
		}

	def test_a_field_added_later_leaves_old_entries_as_they_were(self, entry):
		before = canonical.canonical_json(self.read(entry))
		# a column that holds 0 in every old row, as a new one would
		frappe.get_meta(LEDGER).append("fields", {"fieldname": "docstatus", "fieldtype": "Int"})
		try:
			assert canonical.canonical_json(self.read(entry)) == before
		finally:
			frappe.clear_cache(doctype=LEDGER)

	def test_custom_fields_are_not_sealed(self, entry):
		meta = frappe.get_meta(LEDGER)
		meta.append("fields", {"fieldname": "custom_note", "fieldtype": "Data", "is_custom_field": 1})
		try:
			assert "custom_note" not in ledgers.converters(LEDGER)
		finally:
			frappe.clear_cache(doctype=LEDGER)
