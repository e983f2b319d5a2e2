import frappe
import pytest

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.exceptions import NotAnOwnerField, NotTrackable
from crm_transparency.export_audit.audited import Audited


def settings():
	return frappe.get_single(registry.SETTINGS)


def start_a_new_request():
	frappe.local.cache = {}


def make_doctype(name: str, owner_options: str = "User") -> str:
	frappe.get_doc(
		doctype="DocType",
		name=name,
		module="Core",
		custom=1,
		fields=[
			{"fieldname": "title", "fieldtype": "Data", "label": "Title"},
			{"fieldname": "caretaker", "fieldtype": "Link", "options": owner_options, "label": "Caretaker"},
		],
		permissions=[{"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1}],
	).insert()
	return name


@pytest.fixture
def subscription_doctype():
	"""A DocType of the company's own. Making one commits, so it's taken away again."""
	names = ["Transparency Subscription", "Transparency Contract"]
	yield make_doctype(names[0])
	frappe.db.rollback()
	frappe.db.delete("Tracked Document Type", {"document_type": ("in", names)})
	for name in names:
		frappe.delete_doc("DocType", name, force=True, ignore_missing=True)
		frappe.db.sql_ddl(f"drop table if exists `tab{name}`")
	registry.forget()
	frappe.db.commit()


def test_installing_tracks_erpnexts_four_accounts():
	assert {name: row["owner_field"] for name, row in registry.tracked_doctypes().items()} == {
		"Customer": "account_manager",
		"Lead": "lead_owner",
		"Opportunity": "opportunity_owner",
		"Prospect": "prospect_owner",
	}


def test_what_is_cached_in_another_shape_has_another_key():
	"""Whoever changes a shape renames its key, in the registry and here: while a site is updated, processes of the old version
	fill the cache, and those of the new one would look in vain for what isn't in it."""
	assert (registry.CACHE_KEY, list(registry.TrackedDocType.__annotations__)) == (
		"crm_transparency:tracked_doctypes",
		["owner_field", "title_field", "territory_field"],
	)
	assert (registry.AUDIT_CACHE_KEY, list(Audited.__annotations__)) == (
		"crm_transparency:audited",
		["doctypes", "child_tables", "pointing", "watched", "bulk_read_rows", "in_sql", "contact_fields"],
	)


def test_an_untracked_doctype_has_no_owner_field():
	assert registry.owner_field("ToDo") is None
	assert not registry.is_tracked("ToDo")


def test_a_disabled_row_is_untracked_at_once():
	doc = settings()
	next(row for row in doc.tracked_doctypes if row.document_type == "Lead").enabled = 0
	doc.save()
	assert not registry.is_tracked("Lead")
	start_a_new_request()
	assert not registry.is_tracked("Lead")
	assert registry.is_tracked("Customer")


def test_what_was_rolled_back_is_forgotten_too():
	doc = settings()
	doc.tracked_doctypes = []
	doc.save()
	assert registry.tracked_doctypes() == {}
	frappe.db.rollback()
	start_a_new_request()
	assert registry.is_tracked("Customer")


@pytest.mark.parametrize("fieldname", ["customer_name", "customer_group", "no_such_field", "creation"])
def test_an_owner_field_that_is_no_link_to_a_user_is_refused_by_name(fieldname):
	doc = settings()
	doc.tracked_doctypes[0].owner_field = fieldname
	with pytest.raises(NotAnOwnerField, match=fieldname):
		doc.save()


@pytest.mark.parametrize("doctype", ["Has Role", "System Settings", "Coaching Note", "Account Transfer"])
def test_doctypes_without_documents_of_their_own_are_refused(doctype):
	doc = settings()
	doc.append("tracked_doctypes", {"document_type": doctype, "owner_field": "role", "enabled": 1})
	with pytest.raises(NotTrackable):
		doc.save()


def test_the_same_doctype_twice_is_refused():
	doc = settings()
	doc.append("tracked_doctypes", {"document_type": "Customer", "owner_field": "account_manager"})
	with pytest.raises(frappe.ValidationError, match="listed twice"):
		doc.save()


@pytest.mark.parametrize("fieldname", ["nickname", "sales_team", "basic_info"])
def test_a_title_field_that_holds_no_title_is_refused(fieldname):
	doc = settings()
	doc.tracked_doctypes[0].title_field = fieldname
	with pytest.raises(frappe.ValidationError, match=fieldname):
		doc.save()


def test_a_doctype_of_the_company_can_be_tracked(subscription_doctype):
	doc = settings()
	doc.append(
		"tracked_doctypes", {"document_type": subscription_doctype, "owner_field": "caretaker", "enabled": 1}
	)
	doc.save()
	assert registry.owner_field(subscription_doctype) == "caretaker"


def test_a_renamed_doctype_stays_tracked_under_its_new_name(subscription_doctype):
	doc = settings()
	doc.append(
		"tracked_doctypes", {"document_type": subscription_doctype, "owner_field": "caretaker", "enabled": 1}
	)
	doc.save()
	frappe.rename_doc("DocType", subscription_doctype, "Transparency Contract", force=True)
	start_a_new_request()
	assert registry.owner_field("Transparency Contract") == "caretaker"
	assert not registry.is_tracked(subscription_doctype)


def test_a_deleted_doctype_is_dropped_and_the_settings_can_still_be_saved(subscription_doctype):
	doc = settings()
	doc.append(
		"tracked_doctypes", {"document_type": subscription_doctype, "owner_field": "caretaker", "enabled": 1}
	)
	doc.save()
	frappe.delete_doc("DocType", subscription_doctype, force=True)
	registry.forget()  # stands for the seconds after which it expires by itself
	start_a_new_request()
	assert not registry.is_tracked(subscription_doctype)
	doc = settings()
	doc.run_method("onload")
	doc.save()
	assert subscription_doctype not in {row.document_type for row in settings().tracked_doctypes}


def test_an_owner_field_that_was_taken_off_its_doctype_is_no_longer_tracked(subscription_doctype):
	doc = settings()
	doc.append(
		"tracked_doctypes", {"document_type": subscription_doctype, "owner_field": "caretaker", "enabled": 1}
	)
	doc.save()
	doctype = frappe.get_doc("DocType", subscription_doctype)
	doctype.fields = [field for field in doctype.fields if field.fieldname != "caretaker"]
	doctype.save()
	start_a_new_request()
	assert not registry.is_tracked(subscription_doctype)


def test_only_managers_can_change_what_is_tracked():
	from tests.people_and_accounts import acting_as, make_user

	rep, manager = make_user("Rita"), make_user("Mona", "Transparency Manager")
	with acting_as(rep), pytest.raises(frappe.PermissionError):
		settings().save()
	with acting_as(manager):
		settings().save()
