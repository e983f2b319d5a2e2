"""Which exports are consistent with a case: manifests, backups, exports with a ringer of their own, and openings."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, now_datetime, today

from crm_transparency.crm_transparency import formatting
from crm_transparency.export_audit import exports, manifest_index
from crm_transparency.ringers import comparison, export_holdings
from crm_transparency.ringers.documents import SIGHTING
from tests.people_and_accounts import make_user
from tests.ringers.watched import export_of, index_exports, look, mail, plant, receive

pytestmark = pytest.mark.usefixtures("evidence_goes")


def compared(*ringers) -> dict:
	for ringer in ringers:
		receive(mail(ringer.email))
	look()
	names = frappe.get_all(
		SIGHTING, filters={"ringer": ("in", [ringer.ringer for ringer in ringers])}, pluck="name"
	)
	return comparison.result(comparison.compare(names))


def exports_in(result: dict) -> list[str]:
	return [row["export"] for row in result["explanations"]]


@pytest.mark.parametrize("is_indexed", [True, False])
def test_only_exports_that_held_all_ringers_explain_all(is_indexed):
	ada, bo = make_user("Ada"), make_user("Bo")
	marina, oscar = plant(), plant("Oscar")
	both = export_of(ada, marina.contact, oscar.contact)
	export_of(bo, marina.contact)
	if is_indexed:
		index_exports()
	result = compared(marina, oscar)
	assert exports_in(result) == [both]
	assert "No other" in result["explanations"][0]["others"]


def test_without_such_an_export_those_that_held_some_are_said_to_explain_a_part():
	marina, oscar = plant(), plant("Oscar")
	some = [export_of(make_user(name), ringer.contact) for name, ringer in (("Ada", marina), ("Bo", oscar))]
	index_exports()
	result = compared(marina, oscar)
	assert result["complete"] == 0
	assert set(exports_in(result)) == set(some)
	assert all(row["explains"] == 1 for row in result["explanations"])
	assert "No single export" in result["summary"]


def test_an_export_made_after_the_sighting_does_not_count():
	marina = plant()
	export_of(make_user("Ada"), marina.contact, exported_on=add_to_date(now_datetime(), hours=1))
	index_exports()
	assert compared(marina)["explanations"] == []


def test_a_ringer_made_for_one_export_leads_to_it():
	ada = make_user("Ada")
	row = frappe.get_doc(
		doctype="Ringer", status="Planted", planted_as="Export Row", email="row.1@ringers.example"
	).insert()
	export = export_of(ada, plant().contact)
	frappe.db.sql("update `tabExport Log` set trace=%s where name=%s", (exports.trace_of(row.name), export))
	result = compared(frappe._dict(ringer=row.name, email="row.1@ringers.example"))
	assert exports_in(result) == [export]
	assert result["explanations"][0]["weight"] > 5


def test_a_backup_holds_everything():
	marina = plant()
	backup = export_of(make_user("Ada"), rows=1)
	frappe.db.sql("update `tabExport Log` set channel='Backup Download' where name=%s", backup)
	assert exports_in(compared(marina)) == [backup]


def test_somebody_who_opened_the_contact_is_listed_below_an_export():
	ada, bo = make_user("Ada"), make_user("Bo")
	marina = plant()
	export = export_of(bo, marina.contact)
	index_exports()
	frappe.get_doc(
		doctype="View Log", reference_doctype="Contact", reference_name=marina.contact, viewed_by=ada
	).insert()
	rows = compared(marina)["explanations"]
	assert [row["export"] for row in rows] == [export, None]
	assert rows[1]["users"] == [ada]


@pytest.fixture
def small_company(monkeypatch):
	monkeypatch.setattr(export_holdings, "FEWEST", 1)


def test_reading_all_of_a_few_records_says_nothing(monkeypatch):
	marina = plant()
	there = frappe.db.count("Contact")
	monkeypatch.setattr(export_holdings, "FEWEST", there + 1)
	read_on(make_user("Ada"), today(), there)
	assert compared(marina)["explanations"] == []


def read_on(user, day, records, doctype="Contact"):
	counts = {"reads": records, "distinct_records": records}
	frappe.get_doc(doctype="Read Volume", user=user, day=day, reference_doctype=doctype, **counts).insert(
		ignore_permissions=True
	)


def test_somebody_who_read_nearly_all_contacts_in_a_day_is_listed_last(small_company):
	ada, bo, cem, dora = (make_user(name) for name in ("Ada", "Bo", "Cem", "Dora"))
	marina = plant()
	there = frappe.db.count("Contact")
	export = export_of(bo, marina.contact)
	index_exports()
	read_on(ada, today(), there)
	read_on(cem, today(), there // 2)
	read_on(dora, add_days(today(), -1), there)
	rows = compared(marina)["explanations"]
	assert [row["export"] for row in rows] == [export, None]
	assert rows[1]["users"] == [ada], (
		"half of all tells nothing, and neither does a day before it was planted"
	)
	assert "nearly all" in rows[1]["title"]
	assert rows[1]["weight"] < rows[0]["weight"]
	assert any("isn't recorded" in against["text"] for against in rows[1]["against"])


def test_reading_explains_only_ringers_that_were_there_by_then(small_company):
	ada = make_user("Ada")
	marina, oscar = plant(), plant("Oscar")
	yesterday = add_days(now_datetime(), -1)
	late = frappe.get_doc("Ringer", oscar.ringer)
	late.planted_on = str(now_datetime())
	late.save()
	early = frappe.get_doc("Ringer", marina.ringer)
	early.planted_on = str(yesterday)
	early.save()
	made_on = add_days(yesterday, -1)
	frappe.db.set_value("Contact", marina.contact, "creation", made_on, update_modified=False)
	read_on(ada, yesterday.date(), frappe.db.count("Contact"))
	(row,) = compared(marina, oscar)["explanations"]
	assert (row["explains"], row["ringers"]) == (1, 2)


def test_what_somebody_read_hides_no_export_that_held_some(small_company):
	ada, bo = make_user("Ada"), make_user("Bo")
	marina, oscar = plant(), plant("Oscar")
	export = export_of(bo, marina.contact)
	index_exports()
	read_on(ada, today(), frappe.db.count("Contact"))
	rows = compared(marina, oscar)["explanations"]
	assert [(row["export"], row["explains"]) for row in rows] == [(None, 2), (export, 1)]


@pytest.mark.parametrize("is_indexed", [True, False])
def test_silent_ringers_speak_against_an_export(is_indexed):
	ada = make_user("Ada")
	marina, oscar, petra = (plant(name) for name in ("Marina", "Oscar", "Petra"))
	export_of(ada, marina.contact, oscar.contact, petra.contact)
	if is_indexed:
		index_exports()
	(row,) = compared(marina)["explanations"]
	assert any(
		"weren't contacted" in against["text"] and "2" in against["text"] for against in row["against"]
	)


def test_the_words_are_consistent_with_and_never_a_verdict():
	marina = plant()
	export_of(make_user("Ada"), marina.contact)
	index_exports()
	said = frappe.as_json(compared(marina)).lower()
	assert "consistent with" in said
	assert not any(word in said for word in ("stole", "theft", "thief", "guilty", "culprit", "betray"))


def test_the_index_finds_the_same_as_the_manifests():
	contacts = [plant(name).contact for name in ("Marina", "Oscar", "Petra")]
	ada = make_user("Ada")
	exports = [export_of(ada, *contacts[:count]) for count in (1, 2, 3)]
	records = [("Contact", contact) for contact in contacts]
	groups = {record[1]: [record] for record in records}
	until = dict.fromkeys(groups, now_datetime())
	for _step in ("not indexed", "indexed"):
		most = manifest_index.exports_of_most(groups, until, {}, 20)
		assert most == {export: set(contacts[: place + 1]) for place, export in enumerate(exports)}
		assert manifest_index.exports_of_all(groups) == {exports[2]}
		index_exports()
	assert manifest_index.held_among(exports, records)[exports[1]] == set(records[:2])


def test_the_first_line_says_how_strong_the_best_explanation_is():
	"""However large a share is, other explanations are left."""
	marina = plant()
	export_of(make_user("Ada"), marina.contact, rows=9_000_000)
	result = compared(marina)
	best = result["explanations"][0]
	assert result["summary"].lower().startswith(f"{best['support']}, share {best['share_in_words']}.")
	shares = [comparison.share(part) for part in (0.9998, 0.014, 0.00001)]
	most, some, least = (formatting.number(part) for part in (99.9, 1.4, 0.1))
	assert shares == [f"over {most} %", f"{some} %", f"under {least} %"]
