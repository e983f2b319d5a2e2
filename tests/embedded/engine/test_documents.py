import threading
from datetime import date, datetime, timedelta

import frappe
import pytest


def thing(title: str, **values):
	return frappe.get_doc(doctype="Tiny Thing", title=title, **values)


def test_events_of_all_apps_run(log):
	todo = frappe.get_doc(doctype="ToDo", description="Write").insert()
	assert todo.description == "Write!"
	assert ("on_change", "ToDo", todo.name) in log
	frappe.get_doc(doctype="Note", title="A note").insert()
	assert ("note",) in log


def test_values_come_back_as_they_went():
	title = 'it\'s 100% "quoted" \\ %s %(x)s ?'
	lines = [{"title": "first"}, {"title": "second"}]
	moment = datetime(2026, 3, 4, 5, 6, 7)
	name = thing(title, moment=moment, day="2026-03-04", clock="08:09:10", lines=lines).insert().name
	stored = frappe.get_doc("Tiny Thing", name)
	assert stored.title == title
	assert stored.moment == moment
	assert stored.day == date(2026, 3, 4)
	assert stored.clock == timedelta(hours=8, minutes=9, seconds=10)
	assert (stored.amount, stored.kind) == (1.5, "A")
	assert [line.title for line in stored.lines] == ["first", "second"]
	assert isinstance(stored.creation, datetime)
	assert frappe.db.get_value("Tiny Thing", {"title": title}) == name


def test_a_second_one_of_something_unique_is_refused():
	name = thing("unique").insert().name
	with pytest.raises(frappe.UniqueValidationError):
		thing("unique").insert()
	with pytest.raises(frappe.DuplicateEntryError):
		thing("other").insert(set_name=name)


def test_names_can_be_counted():
	first, second = (frappe.get_doc(doctype="Tiny Counter", title=title).insert().name for title in "ab")
	assert second == first + 1


def test_list_conditions_and_document_checks_of_apps_count():
	for title in ("secret", "open"):
		thing(title).insert()
	user = frappe.get_doc(doctype="User", email="tiny@tiny.example", first_name="Tiny").insert()
	user.add_roles("System Manager")
	frappe.set_user(user.name)
	assert frappe.get_list("Tiny Thing", filters={"title": ("in", ["secret", "open"])}, pluck="title") == [
		"open"
	]
	assert not frappe.has_permission("Tiny Thing", doc=frappe.get_doc("Tiny Thing", {"title": "secret"}))


def test_of_two_who_save_the_same_document_one_is_told(tiny_site):
	name = thing("contested").insert().name
	frappe.db.commit()
	ready, outcomes = threading.Barrier(2), []

	def save(kind: str) -> None:
		frappe.init()
		frappe.connect()
		document = frappe.get_doc("Tiny Thing", name)
		document.kind = kind
		ready.wait()
		try:
			document.save()
			frappe.db.commit()
			outcomes.append("saved")
		except frappe.TimestampMismatchError:
			frappe.db.rollback()
			outcomes.append("told")
		finally:
			frappe.destroy()

	threads = [threading.Thread(target=save, args=(kind,)) for kind in "AB"]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert sorted(outcomes) == ["saved", "told"]


def test_customising_a_doctype_keeps_its_keys_indexes_and_rows():
	from frappe.custom.doctype.custom_field.custom_field import create_custom_field
	from frappe.custom.doctype.property_setter.property_setter import make_property_setter

	name = thing("customised").insert().name
	create_custom_field(
		"Tiny Thing", {"fieldname": "code", "fieldtype": "Data", "label": "Code", "unique": 1}
	)
	create_custom_field(
		"Tiny Thing", {"fieldname": "size", "fieldtype": "Int", "label": "Size", "default": "7"}
	)
	make_property_setter("Tiny Thing", "kind", "default", "B", "Text")
	frappe.db.updatedb("Tiny Thing")
	frappe.db.add_index("Tiny Thing", ["title", "kind"])
	frappe.db.add_unique("Tiny Thing", ["day", "kind"], "one_a_day")
	frappe.clear_cache()

	columns = {column.name: column for column in frappe.db.get_table_columns_description("tabTiny Thing")}
	assert columns["title"].unique and columns["code"].unique
	assert columns["kind"].index
	assert columns["size"].not_nullable
	assert frappe.db.has_index("tabTiny Thing", "title_kind_index")
	assert frappe.db.has_index("tabTiny Thing", "one_a_day")
	assert frappe.db.get_value("Tiny Thing", name, ["title", "kind", "size"]) == ("customised", "A", 7)
	assert frappe.new_doc("Tiny Thing").kind == "B"
	with pytest.raises(frappe.DuplicateEntryError):
		thing("another", code="x").insert(set_name=name)
