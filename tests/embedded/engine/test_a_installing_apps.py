import json

import frappe
import pytest

from tests.embedded.engine import tiny_app

RECORDS = [
	("DocType", "Tiny Thing"),
	("Page", "tiny-page"),
	("Report", "Tiny Report"),
	("Workspace", "Tiny"),
	("Module Def", "Tiny Module"),
]


def test_an_app_is_installed_step_by_step_in_the_order_of_a_bench(tiny_package):
	from tiny_app.events import LOG

	steps = [entry for entry in LOG if entry[0] in ("before_install", "after_install", "after_sync")]
	assert steps == [
		("before_install", False, False),
		("after_install", True, True, 2),
		("after_sync", True),
	]
	assert frappe.get_installed_apps()[-1] == "tiny_app"
	for doctype, name in RECORDS:
		assert frappe.db.exists(doctype, name)
	assert frappe.db.exists("Scheduled Job Type", {"method": "tiny_app.events.hourly"})
	assert frappe.get_meta("ToDo").has_field("tiny")


def test_hooks_are_those_of_the_app_asked_for():
	assert frappe.get_hooks("doctype_js", app_name="tiny_app") == {"ToDo": ["public/todo.js"]}
	assert "frappe.ping" not in frappe.get_hooks("after_request", app_name="tiny_app")
	assert frappe.get_hooks("app_title")[0] == "Frappe Framework"


def test_an_app_that_others_require_stays():
	from frappe.installer import remove_app

	remove_app("demo_crm", yes=True, no_backup=True)
	assert "demo_crm" in frappe.get_installed_apps()


def test_an_unknown_app_is_refused():
	from frappe.installer import install_app

	from embedded.engine.install import UnknownAppError

	with pytest.raises(UnknownAppError):
		install_app("no_such_app")


def test_code_of_an_app_that_is_not_installed_is_refused():
	with pytest.raises(frappe.AppNotInstalledError):
		frappe.get_attr("json.dumps")


def test_migrating_runs_patches_and_brings_new_fields(tiny_package, log):
	from embedded.engine.migrate import migrate

	thing = frappe.get_doc(doctype="Tiny Thing", title="before migrating").insert()
	frappe.db.delete("Patch Log", {"patch": "tiny_app.patches.first"})
	frappe.db.commit()
	file = tiny_app.doctype_file(tiny_package, "Tiny Thing")
	document = json.loads(file.read_text())
	document["fields"].append({"fieldname": "fresh", "fieldtype": "Int", "label": "Fresh", "default": "3"})
	document["field_order"].append("fresh")
	file.write_text(json.dumps(document))
	migrate()
	noted = [entry[0] for entry in log if entry[0] in ("before_migrate", "first", "last", "after_migrate")]
	assert noted == ["before_migrate", "first", "after_migrate"]
	assert frappe.db.get_value("Tiny Thing", thing.name, ["title", "fresh"]) == ("before migrating", 3)


def test_an_app_is_uninstalled_with_all_it_brought_and_can_come_back(log):
	from frappe.installer import install_app, remove_app

	remove_app("tiny_app", yes=True, no_backup=True)
	assert [entry for entry in log if "uninstall" in entry[0]] == [
		("before_uninstall", True, True),
		("after_uninstall", False, False),
	]
	assert "tiny_app" not in frappe.get_installed_apps()
	for doctype, name in RECORDS:
		assert not frappe.db.exists(doctype, name)
	assert "tabTiny Thing" not in frappe.db.get_tables(cached=False)
	log.clear()
	frappe.get_doc(doctype="ToDo", description="nobody listens").insert()
	assert not log
	frappe.db.rollback()
	install_app("tiny_app")
	assert frappe.db.exists("DocType", "Tiny Thing")
