"""The reports Account Owner Changes and Employee Change Log: what they show, to whom, and a page at a time."""

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_transparency.crm_transparency import activity, staff
from crm_transparency.crm_transparency.activity import Cursor, Selection
from crm_transparency.crm_transparency.overrides import lookups
from crm_transparency.crm_transparency.period import Period
from crm_transparency.ownership import change_log, change_reasons, ownership_indexes
from crm_transparency.ownership.ownership_visibility import LEDGER
from crm_transparency.ownership.report.account_owner_changes import account_owner_changes
from crm_transparency.ownership.report.employee_change_log import employee_change_log
from tests.ownership.changing_hands import narrow_to_people_concerned, recorded
from tests.people_and_accounts import acting_as, make_customer, make_lead, make_user


@pytest.fixture
def narrow():
	"""Ownership is visible to managers and people concerned only."""
	narrow_to_people_concerned()


def change(customer, by, **values):
	with acting_as(by):
		customer.reload()
		customer.update(values)
		customer.save(ignore_version=False)


def at(*moment):
	"""Return a moment as it is stored, with microseconds: SQLite compares texts."""
	return datetime(*moment) + timedelta(microseconds=1)


def owner_changes(**filters):
	_columns, rows, *_rest = account_owner_changes.execute(filters)
	return rows


def log(user, **filters):
	_columns, rows, *_rest = employee_change_log.execute({"user": user, **filters})
	return rows


def of_document(rows, document):
	return [row for row in rows if row["reference_name"] == document.name]


# Account Owner Changes


def test_changes_are_listed_newest_first_with_names_and_reasons(ana, ben):
	customer = make_customer(account_manager=ben)
	change(customer, by=ana, account_manager=ana)
	newest = owner_changes(reference_doctype="Customer", reference_name=customer.name)[0]
	with acting_as(ana):
		change_reasons.give(newest.name, "Ben is on holiday")
	rows = owner_changes(reference_doctype="Customer", reference_name=customer.name)
	assert [row.kind for row in rows] == ["Taken Over", "Assigned"]
	assert (rows[0].previous_owner_name, rows[0].new_owner_name, rows[0].changed_by_name) == (
		"Ben",
		"Ana",
		"Ana",
	)
	assert rows[0].reasons == "Ben is on holiday"
	assert rows[0].document_type == "Customer"


@pytest.mark.parametrize(
	("filters", "found"),
	[
		({"kind": "Taken Over"}, {"taken"}),
		({"source": "API"}, {"assigned"}),
		({"person": "ana"}, {"taken", "assigned"}),
		({"person": "ben"}, {"taken", "moved"}),
		({"changed_by": "ana"}, {"taken"}),
		({"previous_owner": "ben"}, {"taken", "moved"}),
		({"previous_owner": "ben", "changed_by": "ana"}, {"taken"}),
		({"reference_doctype": "Lead"}, set()),
	],
)
def test_filters_narrow_the_list_and_the_chart_alike(ana, ben, mona, filters, found):
	people = {"ana": ana, "ben": ben}
	filters = {field: people.get(value, value) for field, value in filters.items()}
	before = counted_in_chart(filters)
	added = {
		"taken": recorded(previous_owner=ben, new_owner=ana, changed_by=ana),
		"assigned": recorded(kind="Assigned", source="API", new_owner=ana, changed_by=mona),
		"moved": recorded(kind="Reassigned", previous_owner=ben, new_owner=mona, changed_by=mona),
	}
	_columns, rows, *_rest = account_owner_changes.execute(filters)
	ours = {entry.name: name for name, entry in added.items()}
	assert {ours[row.name] for row in rows if row.name in ours} == found
	assert counted_in_chart(filters) == before + len(found)


def counted_in_chart(filters) -> int:
	_columns, _rows, _note, chart = account_owner_changes.execute(filters)
	return sum(sum(dataset["values"]) for dataset in chart["data"]["datasets"]) if chart else 0


def test_the_period_is_whole_days(ana, ben):
	moments = [at(2020, 3, 1), at(2020, 3, 31, 23, 59, 59), at(2020, 4, 1)]
	for moment in moments:
		recorded(moment, previous_owner=ben, new_owner=ana, changed_by=ana)
	assert len(owner_changes(person=ana, from_date="2020-03-01", to_date="2020-03-31")) == 2


def test_the_chart_stacks_weeks_by_kind_and_leaves_out_baselines(ana, ben):
	for day, kind in (
		(2, "Taken Over"),
		(3, "Taken Over"),
		(3, "Released"),
		(9, "Taken Over"),
		(9, "Baseline"),
	):
		recorded(at(2020, 3, day, 12), kind=kind, previous_owner=ben, changed_by=ana)
	filters = {"changed_by": ana, "from_date": "2020-03-02", "to_date": "2020-03-15"}
	*_rest, chart = account_owner_changes.execute(filters)
	assert [dataset["values"] for dataset in chart["data"]["datasets"]] == [[2, 1], [1, 0]]
	assert [dataset["name"] for dataset in chart["data"]["datasets"]] == ["Taken Over", "Released"]
	assert len(chart["data"]["labels"]) == 2


def test_long_periods_are_charted_by_month(ana, ben):
	recorded(at(2020, 1, 31), changed_by=ana)
	recorded(at(2020, 12, 1), changed_by=ana)
	filters = {"changed_by": ana, "from_date": "2020-01-01", "to_date": "2020-12-31"}
	*_rest, chart = account_owner_changes.execute(filters)
	assert chart["data"]["datasets"][0]["values"] == [1, *[0] * 10, 1]


def test_pages_follow_each_other_without_gaps_or_doubles(ana, ben, monkeypatch):
	"""Even where a thousand entries bear the same moment, as a transfer writes them."""
	monkeypatch.setattr(activity, "ROWS_OF_A_PAGE", 3)
	moment = now_datetime() - timedelta(minutes=5)
	names = {recorded(moment, previous_owner=ben, new_owner=ana, changed_by=ana).name for _ in range(5)}
	names |= {
		recorded(moment - timedelta(days=day), previous_owner=ben, new_owner=ana, changed_by=ben).name
		for day in range(1, 4)
	}
	seen, before = [], None
	while True:
		_columns, rows, note, _chart = account_owner_changes.execute({"person": ana, "before": before})
		seen += [row.name for row in rows]
		before = rows[-1].get("next_page")
		assert bool(note) == bool(before)
		if not before:
			break
		assert len(rows) == 3
	assert len(seen) == len(set(seen)) == 8 and set(seen) == names
	assert [row.name for row in owner_changes(person=ana)][:3] == seen[:3]


def test_a_renamed_person_and_a_renamed_account_keep_their_changes(ana, ben):
	customer = make_customer(account_manager=ben)
	change(customer, by=ana, account_manager=ana)
	frappe.rename_doc("Customer", customer.name, f"{customer.name} Ltd", force=True)
	frappe.rename_doc("User", ben, f"new.{ben}", force=True)
	rows = owner_changes(reference_doctype="Customer", reference_name=f"{customer.name} Ltd")
	assert len(rows) == 2 and rows[0].previous_owner_name == "Ben"
	assert len(owner_changes(person=f"new.{ben}")) == 2


def test_everybody_sees_every_change(ana, ben, mona):
	entry = recorded(previous_owner=ben, new_owner=mona, changed_by=mona)
	with acting_as(ana):
		assert entry.name in {row.name for row in owner_changes()}


def test_a_setting_narrows_it_to_managers_and_people_concerned(ana, ben, mona, narrow):
	entry = recorded(previous_owner=ben, new_owner=mona, changed_by=mona)
	expected = {ana: False, ben: True, mona: True, make_user("Hedi", "HR Manager"): True}
	for person, sees_it in expected.items():
		with acting_as(person):
			_columns, rows, _note, chart = account_owner_changes.execute({"person": mona})
			assert (entry.name in {row.name for row in rows}) == sees_it
			assert (entry.name in {row.name for row in owner_changes()}) == sees_it
			assert bool(chart) == sees_it
			assert bool(frappe.get_list(LEDGER, filters={"name": entry.name})) == sees_it


def test_a_saved_chart_of_changes_shows_to_each_what_they_may_read(ana, ben, narrow):
	customer = make_customer(owner=ana)
	change(customer, ana, account_manager=ben)
	of_customer = [[LEDGER, "reference_name", "=", customer.name]]
	chart = frappe.get_doc(
		doctype="Dashboard Chart",
		chart_name=f"Changes of {customer.name}",
		chart_type="Group By",
		document_type=LEDGER,
		group_by_type="Count",
		group_by_based_on="new_owner",
		filters_json=frappe.as_json(of_customer),
		is_public=1,
	).insert()
	to_ben = frappe.as_json([*of_customer, [LEDGER, "new_owner", "=", ben]])
	for user, sees in ((ana, True), (make_user("Otto", "Sales User"), False), (ana, True)):
		with acting_as(user):
			shown = lookups.get_chart(chart_name=chart.name)
			filtered = lookups.get_chart(chart_name=chart.name, filters=to_ben)
		assert (ben in shown["labels"] if shown else False) is sees
		assert (filtered["labels"] if filtered else []) == ([ben] if sees else [])


def test_only_who_may_export_gets_everything_at_once(ana, ben, mona, monkeypatch):
	monkeypatch.setattr(activity, "ROWS_OF_A_PAGE", 1)
	for _ in range(3):
		recorded(previous_owner=ben, new_owner=ana, changed_by=ana)
	with acting_as(mona):
		assert len(owner_changes(person=ana, everything=1)) == 3
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		owner_changes(person=ana, everything=1)


def test_an_account_without_its_document_type_is_asked_for(ana):
	with pytest.raises(frappe.ValidationError, match="choose the document type"):
		owner_changes(reference_name="Harbour Books")


# Employee Change Log


def test_a_changed_field_is_shown_with_its_label_before_and_after(ana):
	customer = make_customer(website="https://old.example")
	change(customer, by=ana, website="https://new.example")
	(row,) = of_document(log(ana), customer)
	assert (row["action"], row["field"]) == ("Changed", "Website")
	assert (row["before"], row["after"]) == ("https://old.example", "https://new.example")
	assert (row["document_type"], row["document"]) == ("Customer", customer.customer_name)


def test_every_field_of_a_save_is_a_line(ana):
	customer = make_customer()
	change(customer, by=ana, website="https://new.example", customer_details="Call in the morning")
	fields = {row["fieldname"] for row in of_document(log(ana), customer)}
	assert fields == {"website", "customer_details"}


def test_an_owner_change_is_shown_once_although_it_stands_in_two_places(ana, ben):
	customer = make_customer(account_manager=ben)
	change(customer, by=ana, account_manager=ana, website="https://new.example")
	rows = of_document(log(ana), customer)
	assert frappe.db.exists("Version", {"docname": customer.name, "data": ("like", "%account_manager%")})
	assert sorted(row["fieldname"] for row in rows) == ["account_manager", "website"]
	(taken,) = [row for row in rows if row["fieldname"] == "account_manager"]
	assert (taken["action"], taken["before"], taken["after"]) == ("Taken Over", "Ben", "Ana")


def test_it_is_shown_once_after_the_account_was_renamed_too(ana, ben):
	customer = make_customer(account_manager=ben)
	change(customer, by=ana, account_manager=ana)
	new_name = frappe.rename_doc("Customer", customer.name, f"{customer.name} Ltd", force=True)
	rows = [row for row in log(ana) if row["reference_name"] == new_name and row["fieldname"]]
	assert [row["action"] for row in rows] == ["Taken Over"]


def test_an_owner_change_from_before_the_ledger_is_shown_from_its_version(ana, ben):
	customer = make_customer(account_manager=ben)
	change(customer, by=ana, account_manager=ana)
	frappe.db.delete(LEDGER, {"reference_name": customer.name})
	(row,) = of_document(log(ana), customer)
	assert (row["action"], row["fieldname"]) == ("Changed", "account_manager")


def test_comments_creations_and_deletions_are_logged(ana):
	with acting_as(ana):
		customer = make_customer()
		customer.add_comment("Comment", "<p>Wants a <b>call</b></p>")
		doomed = make_customer(title="Doomed")
		frappe.delete_doc("Customer", doomed.name)
	rows = log(ana)
	done = {(row["action"], row["reference_name"] or row["document"]) for row in rows}
	assert {("Created", customer.name), ("Commented", customer.name), ("Deleted", doomed.name)} <= done
	(comment,) = [row for row in rows if row["action"] == "Commented"]
	assert comment["after"] == "Wants a call"


@pytest.fixture
def contact():
	contact = frappe.get_doc(doctype="Contact", first_name="Lena", phone_nos=[{"phone": "+441234567"}])
	return contact.insert(ignore_permissions=True)


@pytest.fixture
def contacts_keep_versions():
	"""Frappe's contacts don't, unless somebody switches it on."""
	frappe.make_property_setter(
		{
			"doctype": "Contact",
			"doctype_or_field": "DocType",
			"property": "track_changes",
			"value": 1,
			"property_type": "Check",
		}
	)
	frappe.clear_cache(doctype="Contact")
	yield
	frappe.db.rollback()
	frappe.clear_cache(doctype="Contact")


def change_contact(contact, by):
	with acting_as(by):
		contact.reload()
		contact.designation = "Buyer"
		contact.phone_nos[0].phone = "+447654321"
		contact.append("email_ids", {"email_id": "lena@harbour-books.example"})
		contact.save(ignore_version=False, ignore_permissions=True)


def test_contacts_and_the_rows_of_their_tables_are_logged(ana, contacts_keep_versions, contact):
	change_contact(contact, by=ana)
	fields = {row["field"]: (row["before"], row["after"]) for row in of_document(log(ana), contact)}
	assert fields["Designation"] == ("", "Buyer")
	assert fields["Contact Numbers, row 1: Number"] == ("+441234567", "+447654321")
	assert "Email IDs: row added" in fields


def test_without_versions_the_last_save_is_logged(ana, contact):
	if frappe.get_meta("Contact").track_changes:
		pytest.skip("contacts keep Versions on this site")
	change_contact(contact, by=ana)
	(row,) = of_document(log(ana), contact)
	assert (row["action"], row["field"]) == ("Changed", "(which fields isn't recorded)")


def test_other_documents_are_not_logged(ana):
	with acting_as(ana):
		frappe.get_doc(doctype="ToDo", description="Call Harbour Books").insert(ignore_permissions=True)
	assert "ToDo" not in {row["reference_doctype"] for row in log(ana)}


def test_the_log_is_filtered_by_type_field_and_period(ana):
	customer, lead = make_customer(), make_lead()
	change(customer, by=ana, website="https://new.example", customer_details="Call in the morning")
	change(lead, by=ana, company_name="Lighthouse Press")
	assert {row["reference_doctype"] for row in log(ana, document_type="Customer")} == {"Customer"}
	rows = log(ana, document_type="Customer", field="website")
	assert {row["fieldname"] for row in rows} == {"website"}
	assert log(ana, from_date=add_days(nowdate(), -9), to_date=add_days(nowdate(), -1)) == []


def test_an_owner_change_is_found_by_its_field(ana, ben):
	customer = make_customer(account_manager=ben)
	change(customer, by=ana, account_manager=ana)
	rows = log(ana, document_type="Customer", field="account_manager")
	assert [row["action"] for row in of_document(rows, customer)] == ["Taken Over"]


def test_the_log_is_newest_first_and_pages_follow_each_other(ana, ben, monkeypatch):
	customer = make_customer(account_manager=ben)
	for number in range(5):
		change(customer, by=ana, website=f"https://{number}.example", account_manager=(ana, ben)[number % 2])
	everything = [(row["happened_on"], row["fieldname"]) for row in log(ana)]
	assert everything == sorted(everything, key=lambda row: row[0], reverse=True)
	monkeypatch.setattr(activity, "ROWS_OF_A_PAGE", 3)
	seen, before = [], None
	while True:
		rows = log(ana, before=before)
		seen += [(row["happened_on"], row["fieldname"]) for row in rows]
		before = rows[-1].get("next_page")
		if not before:
			break
	assert seen == everything


def test_one_moment_in_several_sources_is_paged_without_gaps(ana):
	moment = at(2020, 3, 1, 12)
	with acting_as(ana):
		customer = make_customer()
		comments = [customer.add_comment("Info", str(number)).name for number in range(3)]
	for name in comments:
		frappe.db.set_value("Comment", name, "creation", moment, update_modified=False)
	frappe.db.set_value("Customer", customer.name, "creation", moment, update_modified=False)
	entries_added = [recorded(moment, changed_by=ana).name for _ in range(3)]
	period = Period.of_days("2020-03-01", "2020-03-01")
	seen, before = [], None
	while page := change_log.newest(Selection((ana,), period, before=before), 2):
		seen += [done.key for done in page]
		before = Cursor.parse(str(page[-1].cursor))
	assert len(seen) == 7 and set(seen) == {*comments, *entries_added, customer.name}


@pytest.mark.parametrize("role", sorted(staff.MANAGER_ROLES))
def test_managers_read_everybodys_log(ana, role):
	change(make_customer(), by=ana, website="https://new.example")
	with acting_as(make_user("Mo", role)):
		assert log(ana)


def test_people_read_their_own_log_and_nobody_elses(ana, ben):
	change(make_customer(), by=ana, website="https://new.example")
	with acting_as(ana):
		assert log(ana)
		assert {row["fieldname"] for row in employee_change_log.execute({})[1]} >= {"website"}
	with acting_as(ben), pytest.raises(frappe.PermissionError, match="your own changes"):
		log(ana)


def test_what_the_reader_may_not_open_is_neither_named_nor_quoted(ana):
	customer = make_customer(title="Top Secret Ltd")
	change(customer, by=ana, website="https://top-secret.example")
	hedi = make_user("Hedi", "Offboarding Manager")
	with acting_as(hedi):
		assert not frappe.has_permission("Customer", "read", doc=customer.name)
		rows = log(ana)
	text = frappe.as_json(rows)
	assert rows and "Top Secret" not in text and "top-secret" not in text
	assert {row["document"] for row in rows} == {"A document you can't open"}


def test_a_user_permission_closes_documents_here_too(ana):
	open_one, closed_one = make_customer(title="Open"), make_customer(title="Closed")
	for customer in (open_one, closed_one):
		change(customer, by=ana, website="https://new.example")
	reader = make_user("Mo", "Sales User", "Transparency Manager")
	frappe.get_doc(doctype="User Permission", user=reader, allow="Customer", for_value=open_one.name).insert()
	with acting_as(reader):
		documents = {row["document"] for row in log(ana, document_type="Customer")}
	assert documents == {open_one.customer_name, "A document you can't open"}


def test_fields_above_the_readers_level_are_named_but_not_quoted(ana):
	frappe.make_property_setter(
		{
			"doctype": "Customer",
			"fieldname": "website",
			"property": "permlevel",
			"value": 3,
			"property_type": "Int",
		}
	)
	frappe.clear_cache(doctype="Customer")
	customer = make_customer(website="https://old.example")
	with acting_as("Administrator"):
		customer.website = "https://hidden.example"
		customer.flags.ignore_permissions = True
		customer.save(ignore_version=False)
	frappe.db.set_value("Version", {"docname": customer.name}, "owner", ana)
	with acting_as(ana):
		rows = of_document(log(ana), customer)
	assert [(row["field"], row["before"], row["after"]) for row in rows] == [("Website", None, None)]


def test_values_of_a_deleted_document_are_not_shown(ana):
	with acting_as(ana):
		customer = make_customer(website="https://old.example")
		customer.website = "https://new.example"
		customer.save(ignore_version=False)
		frappe.delete_doc("Customer", customer.name)
		rows = [row for row in log(ana) if row["document"] == customer.name]
	assert "Deleted" in {row["action"] for row in rows}
	assert {(row["before"], row["after"], row["reference_name"]) for row in rows} == {(None, None, None)}


def test_the_person_behind_an_impersonated_session_is_named(ana, ben):
	customer = make_customer(account_manager=ben)
	with acting_as(ana):
		frappe.session.data.impersonated_by = "Administrator"
		customer.reload()
		customer.update({"account_manager": ana, "website": "https://new.example"})
		customer.save(ignore_version=False)
		frappe.session.data.impersonated_by = None
	assert {row["really_by"] for row in of_document(log(ana), customer)} == {"Administrator"}


def test_long_values_and_markup_are_cut(ana):
	customer = make_customer()
	change(customer, by=ana, customer_details="<b>Long</b> " + "x" * 500)
	(row,) = of_document(log(ana), customer)
	assert row["after"].startswith("Long xx") and row["after"].endswith("…") and len(row["after"]) == 140


def test_a_user_who_was_renamed_keeps_the_log(ana, ben):
	customer = make_customer(account_manager=ben)
	change(customer, by=ana, account_manager=ana, website="https://new.example")
	frappe.rename_doc("User", ana, f"new.{ana}", force=True)
	fields = {row["fieldname"] for row in of_document(log(f"new.{ana}"), customer)}
	assert fields == {"account_manager", "website"}


# What both share


def test_a_cursor_is_written_and_read():
	cursor = Cursor(datetime(2026, 3, 1, 12, 0, 0, 5), "ledger", "a|b")
	assert Cursor.parse(str(cursor)) == cursor
	assert Cursor.parse(None) is Cursor.parse("") is None


@pytest.mark.parametrize("text", ["rubbish", "2026-01-01", "not a date|ledger|name"])
def test_a_made_up_cursor_is_refused(text):
	with pytest.raises(frappe.ValidationError, match="page"):
		Cursor.parse(text)


def test_weeks_start_on_monday_and_cover_the_period():
	unit, starts = Period.of_days("2026-03-04", "2026-03-16").calendar_parts(most=27)
	assert unit == "week"
	assert [str(start.date()) for start in starts] == ["2026-03-02", "2026-03-09", "2026-03-16"]


def test_long_periods_have_months_and_longer_ones_years():
	unit, starts = Period.of_days("2025-12-31", "2026-12-31").calendar_parts(most=27)
	assert unit == "month" and [start.month for start in starts] == [12, *range(1, 13)]
	unit, starts = Period.of_days("2000-06-01", "2026-12-31").calendar_parts(most=27)
	assert unit == "year" and [start.year for start in starts] == [*range(2000, 2027)]


def test_may_read_log_of_says_who_may(ana, mona):
	assert change_log.may_read_log_of(ana, reader=ana)
	assert change_log.may_read_log_of(ana, reader=mona)
	assert not change_log.may_read_log_of(mona, reader=ana)


def test_the_indexes_are_added_and_removed():
	ownership_indexes.add()
	assert frappe.db.has_index("tabVersion", ownership_indexes.BY_PERSON)
	assert frappe.db.has_index("tabCustomer", ownership_indexes.BY_PERSON)
	assert frappe.db.has_index("tabAccount Owner Change", "changes_by_kind")
	ownership_indexes.remove()
	assert not frappe.db.has_index("tabVersion", ownership_indexes.BY_PERSON)
	assert not frappe.db.has_index("tabCustomer", ownership_indexes.BY_PERSON)
	ownership_indexes.add()


def test_changes_that_nobody_sees_are_left_out(ana):
	"""ERPNext empties fields that were empty, and sets numbers that weren't there to 0."""
	customer = make_customer()
	nothing = [["website", None, ""], ["is_frozen", None, 0], ["tax_id", None, "GB 1"]]
	version = frappe.get_doc(
		doctype="Version",
		ref_doctype="Customer",
		docname=customer.name,
		data=frappe.as_json({"changed": nothing}),
	).insert(ignore_permissions=True)
	frappe.db.set_value("Version", version.name, "owner", ana)
	assert {row["fieldname"] for row in of_document(log(ana), customer)} == {"tax_id"}
