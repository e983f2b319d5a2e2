"""Who may export what: the real permissions, changed through Frappe's own, and each change in the ledger."""

import frappe
import pytest
from frappe.permissions import (
	add_permission,
	get_role_permissions,
	setup_custom_perms,
	update_permission_property,
)

from crm_transparency.export_audit import export_desk, export_rights
from tests.people_and_accounts import make_user

DOCTYPE = "Customer"
ROLE = "Sales User"


@pytest.fixture(autouse=True)
def rules_are_read_anew():
	"""The test's rollback takes the rules back, but not what processes remember of them."""
	yield
	frappe.db.rollback()
	frappe.clear_cache(doctype=DOCTYPE)
	frappe.clear_cache(doctype="Contact")


@pytest.fixture
def admin():
	return make_user("Ada", "System Manager")


@pytest.fixture
def rep():
	return make_user("Rita")


def test_before_an_export_people_are_told_what_is_recorded_or_who_can_give_them_the_right(admin, rep):
	give_right(0)
	frappe.set_user(rep)
	assert "will be recorded" in export_desk.read_export_notice()[0]
	needed, who = export_desk.read_export_notice(DOCTYPE)
	assert "you need the right to export" in needed
	assert frappe.utils.get_fullname(admin) in who or "or" in who
	give_right(1)
	frappe.set_user(rep)
	assert "will be recorded" in export_desk.read_export_notice(DOCTYPE)[0]


def give_right(value):
	frappe.set_user("Administrator")
	for role in frappe.get_all("DocPerm", filters={"parent": DOCTYPE, "permlevel": 0}, pluck="role"):
		update_permission_property(DOCTYPE, role, 0, "export", value)


def overview_as(user):
	frappe.set_user(user)
	return export_rights.overview()


def change_as(user, right="export", allowed=True, doctype=DOCTYPE, role=ROLE, if_owner=False):
	frappe.set_user(user)
	try:
		return export_rights.change(doctype, role, right, allowed, if_owner)
	finally:
		frappe.set_user("Administrator")


def rule(overview, doctype=DOCTYPE, role=ROLE, if_owner=False):
	[found] = [
		rule
		for rule in overview["rules"]
		if (rule["doctype"], rule["role"], rule["if_owner"]) == (doctype, role, if_owner)
	]
	return found


def changes(**filters):
	return frappe.get_all(
		"Export Right Change",
		filters=filters,
		fields=[
			"document_type",
			"role",
			"permission",
			"if_owner",
			"value_before",
			"value_after",
			"changed_by",
		],
		order_by="name",
	)


def may_export(user):
	frappe.clear_cache(doctype=DOCTYPE)
	frappe.local.role_permissions = {}
	return bool(get_role_permissions(DOCTYPE, user=user).get("export"))


def test_the_matrix_is_what_frappe_goes_by(admin):
	overview = overview_as(admin)
	assert {"Customer", "Contact", "Address"} <= set(overview["doctypes"])
	for doctype in overview["doctypes"]:
		real = {
			(permission.role, bool(permission.if_owner)): permission
			for permission in frappe.get_meta(doctype).permissions
			if not permission.permlevel and permission.role != "Administrator"
		}
		shown = {
			(each["role"], each["if_owner"]): each for each in overview["rules"] if each["doctype"] == doctype
		}
		assert shown.keys() == real.keys()
		for key, permission in real.items():
			assert shown[key]["rights"] == {
				right: bool(permission.get(right)) for right in ("read", *overview["rights"])
			}


def test_it_says_how_many_enabled_users_hold_each_role(admin):
	def holders():
		return {each["role"]: each["users"] for each in overview_as(admin)["roles"]}

	before = holders()
	make_user("Rita")
	gone = make_user("Gil")
	frappe.db.set_value("User", gone, "enabled", 0)
	assert holders()[ROLE] == before[ROLE] + 1


def test_a_change_goes_through_frappes_permissions_and_is_written_down(admin, rep):
	before = rule(overview_as(admin))["rights"]["export"]
	assert may_export(rep) == before
	overview = change_as(admin, allowed=not before)
	assert rule(overview)["rights"]["export"] is not before
	assert may_export(rep) is not before
	[entry] = changes(role=ROLE, changed_by=admin)
	words = ("Allowed", "Not Allowed") if before else ("Not Allowed", "Allowed")
	assert entry == {
		"document_type": DOCTYPE,
		"role": ROLE,
		"permission": "Export",
		"if_owner": 0,
		"value_before": words[0],
		"value_after": words[1],
		"changed_by": admin,
	}
	assert overview["changes"][0]["value_after"] == words[1]


def test_the_first_change_keeps_every_other_rule(admin):
	frappe.db.delete("Custom DocPerm", {"parent": DOCTYPE})
	before = overview_as(admin)
	change_as(admin, allowed=not rule(before)["rights"]["export"])
	after = overview_as(admin)
	changed = [each for each in after["rules"] if each not in before["rules"]]
	assert [(each["doctype"], each["role"]) for each in changed] == [(DOCTYPE, ROLE)]
	levels = {
		row.permlevel for row in frappe.get_all("DocPerm", filters={"parent": DOCTYPE}, fields=["permlevel"])
	}
	custom = frappe.get_all("Custom DocPerm", filters={"parent": DOCTYPE}, fields=["permlevel"])
	assert {row.permlevel for row in custom} == levels


def test_changing_nothing_writes_nothing(admin):
	today = rule(overview_as(admin))["rights"]["print"]
	change_as(admin, "print", today)
	assert changes(changed_by=admin) == []


def test_rules_for_own_documents_are_shown_and_changed_by_themselves(admin):
	setup_custom_perms(DOCTYPE)
	frappe.get_doc(
		doctype="Custom DocPerm",
		parent=DOCTYPE,
		parenttype="DocType",
		parentfield="permissions",
		role=ROLE,
		if_owner=1,
		read=1,
	).insert(ignore_permissions=True)
	general = rule(overview_as(admin))["rights"]
	overview = change_as(admin, "print", True, if_owner=True)
	assert rule(overview, if_owner=True)["rights"]["print"]
	assert rule(overview)["rights"] == general
	overview = change_as(admin, "print", not general["print"])
	assert rule(overview, if_owner=True)["rights"]["print"]
	assert rule(overview)["rights"]["print"] is not general["print"]
	assert [entry.if_owner for entry in changes(changed_by=admin)] == [1, 0]


def test_a_role_without_a_rule_gets_one_and_both_changes_are_recorded(admin):
	role = frappe.get_doc(doctype="Role", role_name="Fair Staff").insert().name
	overview = change_as(admin, "print", True, role=role)
	assert rule(overview, role=role)["rights"] == {
		"read": True,
		"export": False,
		"import": False,
		"print": True,
		"email": False,
	}
	assert [(entry.permission, entry.value_before) for entry in changes(role=role)] == [
		("Read", "No Rule"),
		("Print", "Not Allowed"),
	]


def test_only_system_managers_change(rep, admin):
	before = overview_as(admin)["rules"]
	for user in (
		rep,
		make_user("Mona", "Transparency Manager"),
		make_user("Hedi", "HR Manager"),
		make_user("Ophelia", "Offboarding Manager"),
		"Guest",
	):
		with pytest.raises(frappe.PermissionError):
			change_as(user)
	assert overview_as(admin)["rules"] == before
	assert changes(role=ROLE) == []


def test_everybody_in_the_desk_may_look_and_nobody_from_outside(rep):
	for user in (rep, make_user("Mona", "Transparency Manager"), make_user("Hedi", "HR Manager")):
		overview = overview_as(user)
		assert overview["rules"] and not overview["may_change"]
	for user in ("Guest", make_user("Wanda", user_type="Website User")):
		with pytest.raises(frappe.PermissionError):
			overview_as(user)


@pytest.mark.parametrize(
	"wrong",
	[
		{"doctype": "User"},
		{"doctype": "Nothing"},
		{"right": "write"},
		{"right": "read"},
		{"right": "if_owner"},
		{"role": "Administrator"},
		{"role": "Nobody"},
		{"if_owner": True},
	],
)
def test_what_is_not_offered_cannot_be_changed(admin, wrong):
	with pytest.raises(frappe.ValidationError):
		change_as(admin, **{"right": "export", "allowed": True, **wrong})
	assert changes(changed_by=admin) == []


def test_what_nobody_can_import_is_not_allowed_to_anybody(admin):
	overview = overview_as(admin)
	for doctype in overview["not_importable"]:
		with pytest.raises(frappe.ValidationError, match="imported"):
			change_as(admin, "import", True, doctype=doctype, role="System Manager")


def test_the_ledger_takes_no_entries_from_people(admin):
	frappe.set_user(admin)
	with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
		frappe.get_doc(
			doctype="Export Right Change",
			role=ROLE,
			document_type=DOCTYPE,
			permission="Export",
			value_before="Allowed",
			value_after="Not Allowed",
			changed_by="zoe@example.com",
			changed_on=frappe.utils.now_datetime(),
		).insert()


def test_changes_made_in_frappes_own_page_are_shown_too(admin):
	role = frappe.get_doc(doctype="Role", role_name="Fair Staff").insert().name
	add_permission(DOCTYPE, role)
	update_permission_property(DOCTYPE, role, 0, "email", 1)
	assert rule(overview_as(admin), role=role)["rights"]["email"]
