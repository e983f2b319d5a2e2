"""Finding the exports that held the most of some things reads less than everything, and finds the same."""

from datetime import datetime, timedelta
from random import Random

import frappe
import pytest
from frappe.utils import now
from pyroaring import BitMap

from crm_transparency.crm_transparency.database import insert_rows, inserted
from crm_transparency.export_audit import manifest_index
from crm_transparency.export_audit.manifest_index import BLOCK, RECORD
from crm_transparency.export_audit.manifests import LEDGER

START = datetime(2026, 1, 1)
BLOCKS, THINGS, EXPORTS = 5, 40, 60
SIZE = 1 << manifest_index.BLOCK_BITS


def record(number: int) -> tuple[str, str]:
	return ("Contact", f"most-held-{number}")


def write_index(held: dict[str, set[int]], chance: Random) -> None:
	"""Write exports, a day apart, and the index over what they held, which is much else besides."""
	highest = frappe.db.sql(f"select max(number) from `tab{RECORD}`")[0][0] or 0
	first = (highest // SIZE + 1) * SIZE
	common = inserted("Administrator", now())
	numbers = sorted({number for numbers in held.values() for number in numbers})
	rows = [(f"{first + number:x}", *record(number), first + number, *common.values()) for number in numbers]
	insert_rows(RECORD, ("name", "reference_doctype", "reference_name", "number", *common), rows)
	for day, (export, numbers) in enumerate(held.items()):
		made_on = START + timedelta(days=day)
		insert_rows(LEDGER, ("name", "exported_on", *common), [(export, made_on, *common.values())])
		for block in range(BLOCKS):
			offsets = {number % SIZE for number in numbers if number // SIZE == block}
			# much else in every second export, so that a block is kept as a bitmap
			offsets |= set(chance.sample(range(THINGS * 10, SIZE), 900 * (day % 2)))
			if offsets:
				block += first // SIZE
				row = (f"{block:06x}-{export}", export, block, manifest_index.packed(BitMap(offsets)))
				insert_rows(
					BLOCK, ("name", "export_log", "block", "members", *common), [(*row, *common.values())]
				)


@pytest.fixture(params=range(4))
def company(request, monkeypatch):
	"""Exports that held things at random, some of them nearly all; each thing has up to three records, in any block."""
	chance = Random(request.param)
	monkeypatch.setattr(manifest_index, "MOST_SINGLE_LOOKUPS", EXPORTS // 3)
	places = [block * SIZE + offset for block in range(BLOCKS) for offset in range(THINGS)]
	chance.shuffle(places)
	things = {f"thing {n}": [places.pop() for _ in range(chance.randint(1, 3))] for n in range(THINGS)}
	held = {}
	for number in range(EXPORTS):
		share = chance.choice((0.05, 0.3, 0.6, 0.97))
		held[f"most-held-export-{number:03}"] = {
			chance.choice(numbers) for numbers in things.values() if chance.random() < share
		}
	write_index(held, chance)
	until = {thing: START + timedelta(days=chance.randint(0, 80)) for thing in things}
	known = {name: set(chance.sample(sorted(things), 5)) for name in chance.sample(sorted(held), 3)}
	return things, held, until, known


@pytest.mark.parametrize("wanted", [1, 5, EXPORTS])
@pytest.mark.usefixtures("nothing_is_committed")
def test_it_finds_what_looking_at_everything_finds(company, wanted):
	things, held, until, known = company
	counts = {}
	for day, (export, numbers) in enumerate(held.items()):
		has = {thing for thing, own in things.items() if numbers & set(own)} | known.get(export, set())
		counts[export] = has, sum(until[thing] >= START + timedelta(days=day) for thing in has)
	least = max(1, sorted((count for _has, count in counts.values()), reverse=True)[wanted - 1])
	found = manifest_index.exports_of_most(
		{thing: [record(number) for number in own] for thing, own in things.items()}, until, known, wanted
	)
	assert found == {export: has for export, (has, count) in counts.items() if count >= least}


@pytest.mark.usefixtures("nothing_is_committed")
def test_where_nothing_was_ever_exported_it_finds_nothing():
	assert manifest_index.exports_of_most({"thing": [record(1)]}, {"thing": START}, {}, 5) == {}
	assert manifest_index.exports_of_most({}, {}, {}, 5) == {}
