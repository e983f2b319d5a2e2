"""The reports about exports: what they show, to whom, and a page at a time."""

from datetime import date, datetime, timedelta

import frappe
import pytest

from crm_transparency.crm_transparency import registry
from crm_transparency.export_audit import (
	export_desk,
	export_queries,
	export_visibility,
	exports,
	manifest_index,
)
from crm_transparency.export_audit.exports import Export
from crm_transparency.export_audit.report.exports_by_person_and_week import exports_by_person_and_week
from crm_transparency.export_audit.report.my_exports import my_exports
from crm_transparency.export_audit.report.read_volume import read_volume
from crm_transparency.export_audit.report.who_exported_this_record import who_exported_this_record
from tests.export_audit import requests
from tests.people_and_accounts import acting_as, make_customer, make_user

pytestmark = pytest.mark.usefixtures("nothing_is_committed")


@pytest.fixture
def ana():
	return make_user("Ana")


@pytest.fixture
def ben():
	return make_user("Ben")


@pytest.fixture
def mona():
	return make_user("Mona", "Transparency Manager")


@pytest.fixture
def narrow():
	"""Exports are visible to managers and people concerned only."""
	settings = frappe.get_single(registry.SETTINGS)
	settings.exports_visible_to = "Managers and people concerned"
	settings.save()


def exported(by, *names, on=None, monkeypatch=None, doctype="Customer", **values):
	"""Record an export by a person, on a day of the past if one is given."""
	values = {"channel": exports.LIST_EXPORT, "row_count": len(names), **values}
	export = Export(doctype=doctype, records=[(doctype, name) for name in names], **values)
	if on:
		# SQLite compares texts, and moments are stored with microseconds
		monkeypatch.setattr(exports, "now_datetime", lambda: on + timedelta(microseconds=1))
	with acting_as(by):
		entry = exports.record(export)
	if on:
		monkeypatch.undo()
		monkeypatch.setattr(frappe.db, "commit", lambda *args, **kwargs: None)
	return entry


def read(user, day, reads, distinct_records, doctype="Customer"):
	counts = {"reads": reads, "distinct_records": distinct_records}
	frappe.get_doc(doctype="Read Volume", user=user, day=day, reference_doctype=doctype, **counts).insert(
		ignore_permissions=True
	)


def rows(report, **filters):
	return report.execute(filters)[1]


# My Exports


def test_my_exports_are_mine_newest_first_with_where_i_was(ana, ben, monkeypatch):
	exported(ben, "A")
	first = exported(
		ana, "A", on=datetime(2020, 3, 2, 10), monkeypatch=monkeypatch, purpose="Christmas cards"
	)
	second = exported(ana, "A", "B", on=datetime(2020, 3, 3, 10), monkeypatch=monkeypatch)
	read(ana, date(2020, 3, 2), 70, 40)
	read(ben, date(2020, 3, 2), 99, 99)
	with acting_as(ana):
		found = rows(my_exports, from_date="2020-03-01", to_date="2020-03-31")
	assert [row.get("name") for row in found] == [second.name, first.name, None]
	assert [row.row_count for row in found] == [2, 1, 70]
	assert found[1].purpose == "Christmas cards"
	assert found[2].record_count == 40
	assert "ip_address" in found[0]


def test_my_exports_sum_up_by_week(ana, monkeypatch):
	exported(ana, "A", "B", on=datetime(2020, 3, 2, 10), monkeypatch=monkeypatch)
	exported(ana, "A", on=datetime(2020, 3, 15, 23, 59), monkeypatch=monkeypatch)
	read(ana, date(2020, 3, 2), 70, 40)
	read(ana, date(2020, 3, 15), 7, 4)
	with acting_as(ana):
		*_rest, chart, summary = my_exports.execute({"from_date": "2020-03-02", "to_date": "2020-03-15"})
	assert [dataset["values"] for dataset in chart["data"]["datasets"]] == [[2, 1], [70, 7]]
	assert [sum_["value"] for sum_ in summary] == [3, 77]


def test_my_exports_come_in_pages(ana, monkeypatch):
	monkeypatch.setattr("crm_transparency.crm_transparency.activity.ROWS_OF_A_PAGE", 3)
	for day in range(1, 5):
		exported(ana, "A", on=datetime(2020, 3, day, 10), monkeypatch=monkeypatch)
		monkeypatch.setattr("crm_transparency.crm_transparency.activity.ROWS_OF_A_PAGE", 3)
		for doctype in ("Customer", "Contact"):
			read(ana, date(2020, 3, day), day, day, doctype)
	filters, moments = {"from_date": "2020-03-01", "to_date": "2020-03-31"}, []
	with acting_as(ana):
		for _page in range(9):
			page = rows(my_exports, **filters)
			moments += [(row.happened_on, row.what, row.channel_name) for row in page]
			if not (cursor := page[-1].get("next_page")):
				break
			filters["before"] = cursor
	assert len(moments) == len(set(moments)) == 12
	assert [moment for moment, *_rest in moments] == sorted(
		(moment for moment, *_rest in moments), reverse=True
	)


def test_what_was_exported_in_my_name_is_mine_and_says_who_it_was(ana, mona):
	with acting_as(ana):
		frappe.session.data.impersonated_by = mona
		try:
			exports.record(Export(exports.LIST_EXPORT, doctype="Customer", row_count=1))
		finally:
			frappe.session.data.impersonated_by = None
		[row] = rows(my_exports)
	assert row.person_name == "Mona, signed in as Ana"
	with acting_as(mona):
		assert [row.name for row in rows(my_exports)] == [row.name]


def test_not_everybody_exports_everything(ana, mona):
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		my_exports.execute({"everything": 1})
	with acting_as(mona):
		my_exports.execute({"everything": 1})


# Exports by Person and Week


def by_person(**filters):
	return rows(exports_by_person_and_week, from_date="2020-03-02", to_date="2020-03-15", **filters)


def test_each_person_has_a_row_and_one_for_each_week(ana, ben, mona, monkeypatch):
	for moment in (datetime(2020, 3, 2), datetime(2020, 3, 8, 23), datetime(2020, 3, 9)):
		exported(ana, "A", "B", on=moment, monkeypatch=monkeypatch, contact_data=moment.day == 2)
	exported(ben, "A", on=datetime(2020, 3, 10), monkeypatch=monkeypatch)
	with acting_as(mona):
		found = by_person()
	shape = [(row["indent"], row["exports"], row["row_count"], row["contact_data"]) for row in found]
	assert shape == [(0, 3, 6, 1), (1, 1, 2, 0), (1, 2, 4, 1), (0, 1, 1, 0), (1, 1, 1, 0)]
	assert [row["person_name"] for row in found if not row["indent"]] == ["Ana", "Ben"]
	assert (found[2]["from_date"], found[2]["to_date"]) == ("2020-03-02", "2020-03-08")


def test_everybody_sees_exports_of_accounts_and_no_others(ana, ben, monkeypatch):
	exported(ben, "A", on=datetime(2020, 3, 2), monkeypatch=monkeypatch)
	exported(ben, doctype="Salary Slip", row_count=9, on=datetime(2020, 3, 2), monkeypatch=monkeypatch)
	with acting_as(ana):
		assert [row["row_count"] for row in by_person()] == [1, 1]
	with acting_as(ben):
		assert [row["row_count"] for row in by_person()] == [10, 10]


@pytest.mark.parametrize("way", ["filters", "order_by"])
def test_nobody_learns_details_of_others_by_filtering_or_sorting(ana, ben, way):
	"""Frappe v15 lets people filter by fields that they may not see; then the rows that match would tell them."""
	exported(ben, make_customer().name)
	asked = {"filters": {"ip_address": ("like", "%")}, "order_by": "ip_address desc"}[way]
	with acting_as(ana):
		with requests.request("/api/resource/Export Log", doctype="Export Log", **{way: asked}):
			assert not frappe.get_list("Export Log", filters={"user": ben})
		with requests.request("/api/resource/Export Log", doctype="Export Log"):
			assert frappe.get_list("Export Log", filters={"user": ben})


def test_by_setting_only_those_concerned(narrow, ana, ben, mona, monkeypatch):
	exported(ben, "A", on=datetime(2020, 3, 2), monkeypatch=monkeypatch)
	for reader, seen in ((ana, 0), (ben, 2), (mona, 2)):
		with acting_as(reader):
			assert len(by_person()) == seen


def test_the_condition_of_reports_and_the_document_check_agree(ana, ben, mona, monkeypatch):
	for doctype in ("Customer", "Contact", "Salary Slip", None):
		exported(ben, "A", doctype=doctype) if doctype else exported(ben, doctype=None, row_count=1)
	for reader in (ana, ben, mona):
		with acting_as(reader):
			log, visible = (
				export_queries.export_log(),
				export_visibility.criterion(export_queries.export_log()),
			)
			query = frappe.qb.from_(log).select(log.name)
			in_reports = set((query.where(visible) if visible is not None else query).run(pluck=True))
			in_lists = set(frappe.get_list("Export Log", pluck="name", limit=0))
		assert in_reports == in_lists


# Who Exported This Record


def who(record, **filters):
	return rows(
		who_exported_this_record, reference_doctype=record.doctype, reference_name=record.name, **filters
	)


@pytest.mark.parametrize("indexed", [True, False])
def test_a_manager_finds_everybody_who_exported_a_record(ana, ben, mona, indexed):
	customer, other = make_customer(), make_customer()
	entries = [exported(ana, customer.name), exported(ben, customer.name, other.name)]
	exported(ben, other.name)
	if indexed:
		manifest_index.index_new_manifests()
	with acting_as(mona):
		found = who(customer)
	assert [row.name for row in found] == [entries[1].name, entries[0].name]
	assert [row.person_name for row in found] == ["Ben", "Ana"]


def test_others_find_their_own_exports_of_it(ana, ben):
	customer = make_customer()
	exported(ben, customer.name)
	with acting_as(ana):
		_columns, found, note = who_exported_this_record.execute(
			{"reference_doctype": "Customer", "reference_name": customer.name}
		)
		assert found == [] and "your own" in note
	with acting_as(ben):
		assert len(who(customer)) == 1


def test_a_record_is_found_under_its_former_name(mona, ana):
	customer = make_customer()
	before = exported(ana, customer.name)
	new_name = f"{customer.name} and Sons"
	frappe.rename_doc("Customer", customer.name, new_name, force=True)
	after = exported(ana, new_name)
	with acting_as(mona):
		found = rows(who_exported_this_record, reference_doctype="Customer", reference_name=new_name)
	assert {row.name for row in found} == {before.name, after.name}


def test_managers_are_told_of_backups(mona, ana):
	with acting_as(ana):
		exports.record(Export(exports.BACKUP_DOWNLOAD))
	with acting_as(mona):
		*_rest, note = who_exported_this_record.execute(
			{"reference_doctype": "Customer", "reference_name": "?"}
		)
	assert "Backups contain every record" in note


def test_who_exported_comes_in_pages(mona, ana, monkeypatch):
	monkeypatch.setattr("crm_transparency.crm_transparency.activity.ROWS_OF_A_PAGE", 2)
	customer = make_customer()
	entries = [exported(ana, customer.name).name for _ in range(5)]
	found, before = [], ""
	with acting_as(mona):
		while True:
			page = who(customer, before=before)
			found += [row.name for row in page]
			if not (before := page[-1].get("next_page")):
				break
	assert found == entries[::-1]


# Read Volume


def test_managers_see_who_read_most_and_then_day_by_day(ana, ben, mona):
	for day, reads in ((2, 10), (3, 30)):
		read(ana, date(2020, 3, day), reads, reads)
	read(ben, date(2020, 3, 2), 100, 5)
	period = {"from_date": "2020-03-02", "to_date": "2020-03-03"}
	with acting_as(mona):
		found = rows(read_volume, **period)
		days = rows(read_volume, person=ana, **period)
	assert [(row.person_name, row.reads, row.days, row.distinct_records) for row in found] == [
		("Ana", 40, 2, 30),
		("Ben", 100, 1, 5),
	]
	assert [row.reads for row in days] == [30, 10]


def test_everybody_sees_their_own_reading_and_nobody_elses(ana, ben):
	read(ana, date(2020, 3, 2), 10, 10)
	read(ben, date(2020, 3, 2), 10, 10)
	with acting_as(ana):
		found = rows(read_volume, from_date="2020-03-02", to_date="2020-03-02")
		assert {row.user for row in found} == {ana}
		with pytest.raises(frappe.PermissionError):
			read_volume.execute({"person": ben})
		assert set(frappe.get_list("Read Volume", pluck="user", limit=0)) == {ana}
		[bens] = frappe.get_all("Read Volume", filters={"user": ben}, pluck="name")
		assert not frappe.has_permission("Read Volume", doc=bens)


# What a form shows


def test_a_manifest_is_read_a_page_at_a_time(ana, ben, mona):
	names = [f"Customer {number:04d}" for number in range(120)]
	entry = exported(ana, *names)
	for reader in (ana, mona):
		with acting_as(reader):
			page = export_desk.read_manifest_page(entry.name, start=100, length=50)
			assert page == {"total": 120, "records": [("Customer", name) for name in names[100:]]}
			found = export_desk.read_manifest_page(entry.name, search="CUSTOMER 011")
			assert [name for _doctype, name in found["records"]] == names[110:120]
	with acting_as(ben), pytest.raises(frappe.PermissionError):
		export_desk.read_manifest_page(entry.name)


def test_nobody_gets_a_hundred_thousand_records_at_once(ana):
	entry = exported(ana, *(str(number) for number in range(600)))
	with acting_as(ana):
		assert len(export_desk.read_manifest_page(entry.name, length=100_000)["records"]) == 500
		with pytest.raises(frappe.ValidationError, match="whole number"):
			export_desk.read_manifest_page(entry.name, start=-5, length=1)


def test_the_form_has_the_details_for_those_concerned_only(ana, ben, mona):
	entry = exported(ana, "A", filters='[["name","=","A"]]')
	for reader, sees in ((ana, True), (mona, True), (ben, False)):
		with acting_as(reader):
			doc = frappe.get_doc("Export Log", entry.name)
			doc.run_method("onload")
			details = (doc.get("__onload") or {}).get("details")
			assert bool(details) is sees
			assert not sees or details["filters"] == '[["name","=","A"]]'


def test_the_notice_says_who_can_see_it(narrow):
	assert "You and managers" in " ".join(export_desk.read_export_notice())


def test_the_notice_says_that_colleagues_see_the_fact():
	assert "Colleagues can see" in " ".join(export_desk.read_export_notice())
