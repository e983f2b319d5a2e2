import json
import subprocess
import sys

import frappe
import pytest

from crm_transparency import uninstall
from tests.grounds import Ground
from tests.people_and_accounts import make_customer

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
	mails = left.pop("tabEmail Queue", [])  # what was sent to people stays, unless it is about our documents
	assert not any('"reference_doctype": "' in row for row in mails)
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


def test_uninstalling_leaves_what_others_wrote_even_if_it_names_our_roles():
	"""Comments, emails that wait, notices and series that have nothing to do with us but a word."""
	frappe.flags.uninstalled_doctypes, frappe.flags.uninstalled_names = ["Policy"], uninstall.our_names()
	users, customer = {"reference_doctype": "User", "reference_name": "Guest"}, make_customer()
	text = "She asked to become Ringer Manager"
	theirs = [
		frappe.get_doc(doctype="Comment", comment_type="Comment", content=text, **users),
		frappe.get_doc(doctype="Comment", comment_type="Info", content=text, reference_doctype="Customer"),
		frappe.get_doc(doctype="Comment", reference_doctype="Customer", reference_name="Policy"),
		frappe.get_doc(doctype="Email Queue", sender="a@example.com", message=text, status="Not Sent"),
		frappe.get_doc(doctype="Notification Log", type="Mention", subject=text, document_type="User"),
	]
	ours = [
		frappe.get_doc(doctype="Comment", comment_type="Info", content="gave Ringer Manager", **users),
		frappe.get_doc(doctype="Comment", reference_doctype="Role", reference_name="Ringer Manager"),
		frappe.get_doc(doctype="Email Queue", sender="a@example.com", reference_doctype="Policy"),
	]
	for document in theirs + ours:
		document.name = frappe.generate_hash(length=10)
		document.db_insert()
	series = frappe.qb.Table("tabSeries")
	for name in ("AT-", "AT-2031-"):
		frappe.qb.into(series).columns("name", "current").insert(name, 7).run()
	uninstall.forget_records_about_our_documents()
	uninstall.remove_files_and_series()
	uninstall.remove_mentions()
	assert all(frappe.db.exists(document.doctype, document.name) for document in theirs)
	assert not any(frappe.db.exists(document.doctype, document.name) for document in ours)
	left = frappe.qb.from_(series).select(series.name).where(series.name.like("AT-%")).run(pluck=True)
	assert "AT-" in left and "AT-2031-" not in left and frappe.db.exists("Customer", customer.name)


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
