"""What matching costs the mail sync, and how long a ranking takes: `python -m benchmarks.sightings [--db mariadb]`.

Plants 500 ringers. Receives mails the way Frappe's Email Accounts do, in turns with and without our handler. Then writes an
index of 10,000 exports of up to 100,000 of 100,000 contacts, and ranks them for one, ten, a hundred and all 500 ringers; then
again with one more ringer, which no export held, and at last for all without the large exports, so that none held
more than a third. 200 people's Read Volume of 700 days is looked through as well.
"""

import base64
import os
import random
import statistics
import time
from array import array
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from unittest.mock import patch

from benchmarks.ground import commit, connected, options

RINGERS, CONTACTS = 500, 100_000
#: which part of all contacts an export holds, and how many in a hundred exports are like that
PARTS = ((1, 3), (1 / 2, 7), (1 / 4, 10), (1 / 16, 20), (1 / 100, 25), (1 / 1000, 35))
MOST_PERCENT, MOST_SECONDS = 5, 2
BLOCK = 1 << 12
HANDLER = "after_insert_of_communication"


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--exports", type=int, default=10_000)
	parser.add_argument("--mails", type=int, default=300)
	chosen = parser.parse_args()
	with connected(chosen):
		ringers = plant()
		sync(chosen.mails, ringers)
		fill(chosen.exports)
		never_exported = plant_one(RINGERS, "CONTACT-THAT-STAYED", planted_on=datetime.now()).name
		for count in (1, 10, 100, RINGERS):
			rank(ringers[:count])
			rank([*ringers[:count], never_exported])
		forget_large_exports()
		rank(ringers)


def plant() -> list[str]:
	return [plant_one(number, contact(number * CONTACTS // RINGERS + 1)).name for number in range(RINGERS)]


def plant_one(number: int, its_contact: str, planted_on: datetime | None = None):
	import frappe

	return frappe.get_doc(
		doctype="Ringer",
		status="Planted",
		planted_as="Contact",
		planted_on=str(planted_on or datetime.now() - timedelta(days=700)),
		email=f"ringer.{number}@ours.example",
		contact=its_contact,
		full_name=f"Ringer {number}",
	).insert()


def contact(number: int) -> str:
	return f"CONTACT-{number:06d}"


# The mail sync


def sync(mails: int, ringers: list[str]) -> None:
	import frappe
	from frappe.email.receive import InboundMail

	from crm_transparency import frappe_patches
	from crm_transparency.ringers import inbound_records

	account = frappe.get_doc(
		doctype="Email Account", name="Inbox", email_account_name="Inbox", email_id="inbox@ours.example"
	)
	account.db_insert()
	frappe_patches.install()
	look_at = getattr(inbound_records, HANDLER)
	seconds: dict[bool, list[float]] = {True: [], False: []}
	handler: list[float] = []

	def skip(communication, method=None) -> None:
		pass

	def timed_look(communication, method=None) -> None:
		start = time.perf_counter()
		look_at(communication)
		handler.append(time.perf_counter() - start)

	for number in range(2 * mails):
		is_matched = bool(number % 2)
		# one mail in ten is for a ringer
		raw = mail(
			number, f"ringer.{number % RINGERS}@ours.example" if number % 20 == 1 else "us@ours.example"
		)
		start = time.perf_counter()
		with patch.object(inbound_records, HANDLER, timed_look if is_matched else skip):
			InboundMail(raw, account).process()
		commit()
		seconds[is_matched].append(time.perf_counter() - start)
	without, matched = (statistics.median(seconds[way]) for way in (False, True))
	share = 100 * statistics.mean(handler) / statistics.mean(seconds[True])
	print(
		f"a mail without matching {without * 1000:.2f} ms, with {matched * 1000:.2f} ms (medians of {mails})"
	)
	print(f"the handler takes {share:.1f} % of the time of a mail (at most {MOST_PERCENT})")
	print(f"{60 / statistics.mean(seconds[True]):,.0f} mails a minute")


def mail(number: int, recipient: str) -> bytes:
	message = EmailMessage()
	message["From"], message["To"] = f"Sales <sales{number % 50}@shop.example>", recipient
	message["Subject"] = f"Offer {number}"
	message["Message-ID"] = f"<{number}@shop.example>"
	message.set_content("Dear reader,\n" + "this is what is new.\n" * 40)
	return message.as_bytes()


# The ranking


def fill(exports: int) -> None:
	"""Write the exports and the index over their manifests, as `manifest_index` does, but without the manifests."""
	import frappe
	from frappe.utils import now

	from crm_transparency.crm_transparency.database import insert_rows, inserted

	common = inserted("Administrator", now())
	records = (
		(f"{number:x}", "Contact", contact(number), number, *common.values())
		for number in range(1, CONTACTS + 1)
	)
	insert_rows(
		"Exported Record", ("name", "reference_doctype", "reference_name", "number", *common), records
	)
	chance, start = random.Random(1), datetime.now() - timedelta(days=700)
	chosen = chance.choices([part for part, _weight in PARTS], [weight for _part, weight in PARTS], k=exports)
	log = [
		(
			f"{number:024x}",
			f"user.{chance.randrange(200)}@example.com",
			start + timedelta(days=700 * number / exports),
			"List Export",
			"Contact",
			int(CONTACTS * part),
			int(CONTACTS * part),
			1,
			*common.values(),
		)
		for number, part in enumerate(chosen)
	]
	columns = "name user exported_on channel reference_doctype row_count record_count contact_data".split()
	insert_rows("Export Log", (*columns, *common), log)
	rows = (
		(f"{block:06x}-{entry[0]}", entry[0], block, members, *common.values())
		for entry, part in zip(log, chosen, strict=True)
		for block, members in blocks(part, chance)
	)
	insert_rows("Export Manifest Block", ("name", "export_log", "block", "members", *common), rows)
	old = inserted("Administrator", str(start - timedelta(days=1)))
	contacts = ((contact(number), *old.values()) for number in range(1, CONTACTS + 1))
	insert_rows("Contact", ("name", *old), contacts)
	fill_read_volume(start, common)
	commit()
	print(f"{exports:,} exports, {frappe.db.count('Export Manifest Block'):,} blocks of the index")


def fill_read_volume(start: datetime, common: dict) -> None:
	"""Write how much 200 people read a day in these 700 days; one in ten days somebody reads it all."""
	from crm_transparency.crm_transparency.database import insert_rows

	chance = random.Random(2)
	rows = (
		(
			f"{day:04x}{user:04x}",
			f"user.{user}@example.com",
			start + timedelta(days=day),
			"Contact",
			read,
			read,
		)
		for day in range(700)
		for user in range(200)
		for read in [CONTACTS if chance.random() < 1 / 2000 else chance.randrange(300)]
	)
	columns = "name user day reference_doctype reads distinct_records".split()
	insert_rows("Read Volume", (*columns, *common), ((*row, *common.values()) for row in rows))


def blocks(part: float, chance: random.Random) -> Iterator[tuple[int, str]]:
	for block in range(CONTACTS // BLOCK + 1):
		if part < 1 / 16:
			offsets = sorted(chance.sample(range(BLOCK), round(BLOCK * part)))
			yield block, base64.b64encode(array("H", offsets).tobytes()).decode()
		else:
			yield block, base64.b64encode(bitmap(part)).decode()


def bitmap(part: float) -> bytes:
	"""Return a block's bitmap in which about such a part of the bits is set."""
	bits = (1 << BLOCK) - 1
	while part < 1:
		bits &= int.from_bytes(os.urandom(BLOCK // 8), "big")
		part *= 2
	return bits.to_bytes(BLOCK // 8, "big")


def forget_large_exports() -> None:
	import frappe

	large = frappe.get_all("Export Log", filters={"record_count": (">", CONTACTS // 4)}, pluck="name")
	frappe.db.delete("Export Manifest Block", {"export_log": ("in", large)})
	frappe.db.delete("Export Log", {"name": ("in", large)})
	frappe.db.delete("Read Volume")
	print(f"without the {len(large):,} exports of more than a quarter of all contacts:")


def rank(ringers: list[str]) -> None:
	import frappe

	from crm_transparency.ledger import entries
	from crm_transparency.ringers import comparison

	sightings = [
		entries.add(
			"Ringer Sighting",
			ringer=ringer,
			seen_on=datetime.now(),
			channel="Email",
			verdict="Open",
			sender="sales@rival.example",
			sender_name="Rival Books",
			content="Books",
		).name
		for ringer in ringers
	]
	seconds = []
	for _run in range(3):
		frappe.local.cache = {}
		start = time.perf_counter()
		result = comparison.compare(sightings)
		seconds.append(time.perf_counter() - start)
	print(
		f"{len(ringers):>3} ringers: {statistics.median(seconds):.2f} s (at most {MOST_SECONDS}); "
		f"{result['complete']:,} exports held all of them, the best held {result['explanations'][0]['explains']}"
	)


if __name__ == "__main__":
	main()
