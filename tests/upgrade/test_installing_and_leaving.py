import json
import subprocess
import sys

import frappe
import pytest

from tests.grounds import Ground

# people who were employed and dismissed by the test itself leave these to the framework
FRAMEWORKS_TRACES_OF_USERS = {
	"tabContact",
	"tabContact Email",
	"tabNotification Settings",
	"tabDynamic Link",
	"tabUser",
	"tabDocShare",
	"tabActivity Log",
	"tabComment",
	"tabVersion",
	"tabSingles",
	"__global_search",
	"tabEmail Queue",
	"tabEmail Queue Recipient",
	"tabNotification Log",
	"tabDeleted Document",
	"tabPermission Log",
	"tabScheduled Job Type",
	"tabError Log",
	"tabPatch Log",
}


@pytest.fixture
def site_without_the_app(ground: Ground, tmp_path):
	if ground.has_erpnext:
		pytest.skip("uninstalls the app: on a bench that would need a site to throw away")
	from embedded.site import template_of

	site = template_of("without_app", ground.db_type).copy(tmp_path / "throwaway.localhost")
	yield site
	site.drop()


def test_uninstalling_takes_away_everything_the_app_added(site_without_the_app):
	command = [sys.executable, "-m", "tests.upgrade.throwaway_site", str(site_without_the_app.path)]
	result = subprocess.run(command, capture_output=True, text=True, timeout=300)
	assert result.returncode == 0, result.stderr[-3000:]
	left = json.loads(result.stdout.rsplit("RESULT ", 1)[1])
	assert {table: rows for table, rows in left.items() if any(map(is_ours, rows))} == {}
	assert set(left) <= FRAMEWORKS_TRACES_OF_USERS, {table: rows[:2] for table, rows in left.items()}


def is_ours(row: str) -> bool:
	names = (
		"crm_transparency",
		"CRM Transparency",
		"Account Owner Change",
		"CRM Colleague",
		"Transparency Manager",
		"Ringer Manager",
		"Offboarding Manager",
	)
	is_history_of_a_user = '"for_doctype": "User"' in row
	return any(name in row for name in names) and not is_history_of_a_user


def test_installing_twice_changes_nothing():
	from crm_transparency import install

	settings = frappe.get_single("CRM Transparency Settings")
	settings.tracked_doctypes = settings.tracked_doctypes[:1]
	settings.save()
	install.track_erpnext_accounts()
	assert len(frappe.get_single("CRM Transparency Settings").tracked_doctypes) == 1


def test_every_doctype_report_and_page_lies_in_its_room():
	modules = frappe.get_all("Module Def", filters={"app_name": "crm_transparency"}, pluck="name")
	assert sorted(modules) == sorted(frappe.get_module_list("crm_transparency"))
	for doctype in frappe.get_all("DocType", filters={"module": ("in", modules)}, pluck="name"):
		assert frappe.get_meta(doctype).module in modules
