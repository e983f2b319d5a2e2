"""Opening up and undoing it: exactly as it was before, and nothing that others did is trampled."""

import frappe
import pytest

from crm_transparency.openness import limiting_rules, open_doctypes, openness_changes
from crm_transparency.openness.exceptions import AlreadyUndone, CannotBeOpened, LaterChangesFirst
from crm_transparency.openness.open_doctypes import CHANGE
from crm_transparency.openness.overrides import communication
from tests.openness.permissions_setup import DECISION, colleague_rule, dump, rules, set_right
from tests.people_and_accounts import acting_as, make_customer, make_user

EVERYTHING = ("Customer", "Contact", "Address", "Lead", "Opportunity", "Event", "Communication")


@pytest.fixture
def hedi():
	return make_user("Hedi", "HR Manager")


@pytest.fixture(autouse=True)
def nothing_is_open_yet():
	frappe.db.delete("Custom DocPerm", {"parent": ("in", EVERYTHING)})
	frappe.db.delete(CHANGE)
	forget()
	yield
	frappe.db.rollback()
	forget()


def forget():
	for doctype in EVERYTHING:
		frappe.clear_cache(doctype=doctype)


def test_colleagues_read_what_is_open_and_change_nothing(hedi):
	customer = make_customer()
	assert not frappe.has_permission("Customer", doc=customer.name, user=hedi)
	openness_changes.open_up(["Customer"], DECISION)
	for right in ("read", "select", "report", "email", "print"):
		assert frappe.has_permission("Customer", right, user=hedi), right
	for right in ("write", "create", "delete", "export", "import", "share"):
		assert not frappe.has_permission("Customer", right, user=hedi), right
	with acting_as(hedi):
		assert frappe.get_list("Customer", filters={"name": customer.name})
	assert limiting_rules.limiting(hedi, "Customer") == []


def test_colleagues_comment_on_what_is_open(hedi):
	from frappe.desk.form.utils import add_comment

	customer = make_customer()
	with acting_as(hedi), pytest.raises(frappe.PermissionError):
		add_comment("Customer", customer.name, "They moved", hedi, "Hedi")
	openness_changes.open_up(["Customer"], DECISION)
	with acting_as(hedi):
		assert add_comment("Customer", customer.name, "They moved", hedi, "Hedi").owner == hedi


def test_every_other_role_keeps_exactly_what_it_had():
	before = {doctype: rules(doctype) for doctype in EVERYTHING}
	openness_changes.open_up(EVERYTHING, DECISION)
	assert {doctype: rules(doctype) for doctype in EVERYTHING} == before


def test_undoing_gives_back_exactly_the_state_before():
	before = dump()
	change = openness_changes.open_up(EVERYTHING, DECISION)
	assert dump() != before
	openness_changes.undo(change)
	assert dump() == before
	assert frappe.db.get_value(CHANGE, change.name, ["status", "undone_by"]) == (
		"Undone",
		"Administrator",
	)


def test_undoing_gives_back_permissions_that_were_customized_before():
	frappe.permissions.setup_custom_perms("Customer")
	frappe.permissions.update_permission_property("Customer", "Sales User", 0, "export", 0)
	frappe.permissions.add_permission("Lead", "CRM Colleague")
	frappe.permissions.update_permission_property("Lead", "CRM Colleague", 0, "export", 1)
	before = dump()
	change = openness_changes.open_up(["Customer", "Lead"], DECISION)
	rule = colleague_rule("Lead")
	assert rule.print and rule.export, "what the role could do before, it still can"
	openness_changes.undo(change)
	assert dump() == before


def test_applying_twice_changes_nothing():
	assert openness_changes.open_up(["Customer"], DECISION)
	after = dump()
	assert openness_changes.open_up(["Customer"], DECISION) is None
	assert dump() == after
	assert frappe.db.count("Custom DocPerm", {"parent": "Customer", "role": "CRM Colleague"}) == 1


def test_what_is_open_adds_up_and_undoing_goes_in_any_order():
	before = dump()
	first = openness_changes.open_up(["Customer"], DECISION)
	second = openness_changes.open_up(["Customer", "Lead"], DECISION)
	assert open_doctypes.current() == {"Customer", "Lead"}
	openness_changes.undo(first)
	assert open_doctypes.current() == {"Customer", "Lead"}, "the second decided the same"
	openness_changes.undo(second)
	assert open_doctypes.current() == set()
	assert dump() == before


def test_a_change_that_built_on_another_goes_first():
	before = dump()
	first = openness_changes.open_up(["Customer"], DECISION)
	frappe.db.set_value("Custom DocPerm", colleague_rule("Customer").name, "read", 0)
	second = openness_changes.open_up(["Customer"], DECISION)
	with pytest.raises(LaterChangesFirst):
		openness_changes.undo(first)
	openness_changes.undo(second)
	openness_changes.undo(first, keep_later_changes=False)
	assert dump() == before
	with pytest.raises(AlreadyUndone):
		openness_changes.undo(first)


def test_what_others_changed_since_is_kept_and_told():
	ada = make_user("Ada", "System Manager")
	change = openness_changes.open_up(["Customer"], DECISION)
	with acting_as(ada):
		set_right("Customer", "Stock User", "print", 0)
	expected = rules("Customer")
	[(_part, later)] = openness_changes.changed_since(change)
	assert later.kind == "Changed" and later.row["role"] == "Stock User"
	undone = openness_changes.undo(change)
	assert rules("Customer") == expected
	assert colleague_rule("Customer") is None
	assert "Ada" in undone.kept and "- Print" in undone.kept


def test_what_others_took_away_since_stays_away():
	change = openness_changes.open_up(["Customer"], DECISION)
	frappe.db.delete("Custom DocPerm", {"parent": "Customer", "role": "Stock User"})
	openness_changes.undo(change)
	roles = set(frappe.get_all("Custom DocPerm", filters={"parent": "Customer"}, pluck="role"))
	assert roles and not roles & {"Stock User", "CRM Colleague"}


def test_what_others_changed_since_is_taken_back_if_that_is_wanted():
	before = dump()
	change = openness_changes.open_up(["Customer"], DECISION)
	frappe.permissions.update_permission_property("Customer", "Stock User", 0, "print", 0)
	frappe.permissions.add_permission("Customer", "HR User")
	undone = openness_changes.undo(change, keep_later_changes=False)
	assert dump() == before
	assert undone.kept.count("Also taken back") == 2


def test_a_colleague_rule_that_got_more_rights_is_kept():
	change = openness_changes.open_up(["Customer"], DECISION)
	frappe.permissions.update_permission_property("Customer", "CRM Colleague", 0, "export", 1)
	assert "+ Export" in openness_changes.undo(change).kept
	assert colleague_rule("Customer").export


def test_a_colleague_rule_that_lost_rights_goes():
	before = dump()
	change = openness_changes.open_up(["Customer"], DECISION)
	frappe.permissions.update_permission_property("Customer", "CRM Colleague", 0, "email", 0)
	assert not openness_changes.undo(change).kept
	assert dump() == before


def test_uninstalling_gives_back_everything():
	before = dump()
	for doctypes in (["Customer"], ["Lead", "Contact"], EVERYTHING):
		openness_changes.open_up(doctypes, DECISION)
	openness_changes.put_permissions_back()
	assert dump() == before
	assert open_doctypes.current() == set()


@pytest.mark.parametrize("doctype", ["Sales Team", "System Settings", "Nothing"])
def test_what_has_no_documents_of_its_own_cannot_be_opened(doctype):
	with pytest.raises(CannotBeOpened):
		openness_changes.open_up([doctype], DECISION)


@pytest.mark.parametrize(
	"wrong", [{"reason": "because"}, {"business_owner": ""}, {"business_owner": "no@one.example"}]
)
def test_it_takes_a_reason_and_an_owner(wrong):
	with pytest.raises(frappe.ValidationError):
		openness_changes.open_up(["Customer"], {**DECISION, **wrong})
	assert colleague_rule("Customer") is None


def make_communication(**values):
	return frappe.get_doc(
		doctype="Communication",
		subject="Delivery",
		content="When will it come?",
		communication_type="Communication",
		communication_medium="Phone",
		**values,
	).insert(ignore_permissions=True)


def test_colleagues_read_communications_on_what_is_open_and_no_others(hedi):
	customer = make_customer()
	on_customer = make_communication(reference_doctype="Customer", reference_name=customer.name)
	about_nothing = make_communication()
	about_staff = make_communication(reference_doctype="User", reference_name=hedi)
	everything = {on_customer.name, about_nothing.name, about_staff.name}
	openness_changes.open_up(["Customer", "Communication"], DECISION)
	assert communication.reads_as_colleague_only(hedi)

	def readable(user):
		with acting_as(user):
			listed = frappe.get_list(
				"Communication", filters={"name": ("in", sorted(everything))}, pluck="name"
			)
		opened = {name for name in everything if frappe.has_permission("Communication", doc=name, user=user)}
		return set(listed), opened

	assert readable(hedi) == ({on_customer.name}, {on_customer.name})
	postmaster = make_user("Polly", "System Manager")
	assert not communication.reads_as_colleague_only(postmaster)
	assert readable(postmaster)[0] == everything


def test_undoing_gives_a_renamed_role_its_rights_back():
	role = frappe.get_doc(doctype="Role", role_name=f"Fair {frappe.generate_hash(length=5)}").insert().name
	frappe.permissions.add_permission("Customer", role)
	change = openness_changes.open_up(["Customer"], DECISION)
	renamed = frappe.rename_doc("Role", role, f"{role} Team", force=True)
	frappe.clear_cache(doctype="Customer")
	assert openness_changes.changed_since(frappe.get_doc(CHANGE, change.name)) == []
	openness_changes.undo(change, keep_later_changes=False)
	assert frappe.db.count("Custom DocPerm", {"parent": "Customer", "role": renamed}) == 1
	assert not frappe.db.count("Custom DocPerm", {"parent": "Customer", "role": role})
