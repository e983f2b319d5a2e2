"""Coaching notes stay between two people. These tests are enemies: System Managers with every tool that Frappe has."""

import json

import frappe
import frappe.client
import frappe.desk.form.assign_to
import frappe.desk.form.load
import frappe.desk.form.utils
import frappe.desk.reportview
import frappe.desk.search
import frappe.share
import pytest
from frappe.core.doctype.data_export.exporter import export_data
from frappe.core.doctype.data_import.exporter import Exporter

from crm_transparency.crm_transparency import encryption
from crm_transparency.crm_transparency.overrides import lookups
from crm_transparency.ownership import coaching
from tests.people_and_accounts import acting_as, make_user

SECRET = "takes accounts over at night"


@pytest.fixture
def coach():
	return make_user("Mona", "Sales Manager", "Transparency Manager")


@pytest.fixture
def employee():
	return make_user("Ana")


@pytest.fixture
def enemy():
	"""A System Manager with every role that could matter."""
	return make_user(
		"Eve",
		"System Manager",
		"Script Manager",
		"Report Manager",
		"Dashboard Manager",
		"HR Manager",
		"Transparency Manager",
		"Offboarding Manager",
		"Sales Master Manager",
	)


@pytest.fixture
def note(coach, employee):
	return write_note(coach, employee)


def write_note(coach, employee, **values):
	with acting_as(coach):
		return frappe.get_doc(
			doctype="Coaching Note",
			employee_user=employee,
			coach=coach,
			observation=f"Ana {SECRET}.",
			agreed_next_step=f"No more: {SECRET}.",
			**values,
		).insert()


def as_request(**form):
	frappe.local.form_dict = frappe._dict(form)


@pytest.mark.parametrize("reader", ["coach", "employee"])
def test_the_two_read_it(note, reader, request):
	with acting_as(request.getfixturevalue(reader)):
		assert SECRET in frappe.client.get("Coaching Note", note.name)["observation"]
		assert SECRET in frappe.client.get("Coaching Note", note.name)["agreed_next_step"]
		assert frappe.get_list("Coaching Note", pluck="name") == [note.name]


def test_what_is_written_is_still_readable_after_saving_again(note, coach):
	with acting_as(coach):
		document = frappe.get_doc("Coaching Note", note.name)
		document.update({"status": "Agreed", "agreed_next_step": "Ask first."})
		document.save()
		document.reload()
	assert (document.status, document.agreed_next_step) == ("Agreed", "Ask first.")
	assert SECRET in document.observation


def test_only_the_coach_changes_it(note, employee):
	with acting_as(employee):
		document = frappe.get_doc("Coaching Note", note.name)
		document.observation = "Nothing to see here."
		with pytest.raises(frappe.PermissionError):
			document.save()
		with pytest.raises(frappe.PermissionError):
			frappe.delete_doc("Coaching Note", note.name)


def test_an_employee_who_is_a_manager_too_does_not_change_it(coach):
	other_manager = make_user("Mo", "Transparency Manager")
	note = write_note(coach, other_manager)
	with acting_as(other_manager):
		document = frappe.get_doc("Coaching Note", note.name)
		document.observation = "Nothing to see here."
		with pytest.raises(frappe.PermissionError):
			document.save()


def test_the_two_stay_the_same(note, coach, enemy):
	with acting_as(coach):
		for field in coaching.THE_TWO:
			document = frappe.get_doc("Coaching Note", note.name)
			document.set(field, enemy)
			with pytest.raises((frappe.CannotChangeConstantError, frappe.PermissionError)):
				document.save()


def test_nobody_writes_a_note_in_anothers_name(coach, employee, enemy):
	note = frappe.get_doc(
		doctype="Coaching Note", employee_user=employee, coach=coach, observation="Made up."
	)
	with acting_as(enemy), pytest.raises(frappe.PermissionError):
		note.insert()


def test_nobody_writes_a_note_about_themselves(coach):
	with pytest.raises(frappe.ValidationError, match="coach yourself"):
		write_note(coach, coach)


def test_a_rep_writes_no_notes(employee):
	with pytest.raises(frappe.PermissionError):
		write_note(employee, make_user("Ben"))


def test_the_employee_is_told_in_the_app_but_not_what_it_says(note, coach, employee):
	(notice,) = frappe.get_all("Notification Log", filters={"for_user": employee}, fields=["*"])
	assert (notice.document_name, notice.from_user, notice.type) == (note.name, coach, "Alert")
	assert "coaching note" in notice.subject
	assert SECRET not in json.dumps(notice, default=str)
	assert not frappe.db.exists("Email Queue", {"reference_name": note.name})


@pytest.mark.parametrize("ptype", ["read", "write", "delete", "print", "email", "share", "export", "report"])
def test_no_role_opens_it(note, enemy, ptype):
	with acting_as(enemy):
		assert not frappe.has_permission("Coaching Note", ptype, doc=note.name)


@pytest.mark.parametrize("ptype", ["print", "email", "share", "export"])
def test_the_two_do_not_carry_it_out_either(note, coach, ptype):
	with acting_as(coach):
		assert not frappe.has_permission("Coaching Note", ptype, doc=note.name)


def test_list_condition_and_document_check_agree(coach, employee, enemy):
	"""One predicate stands behind both, so they can't differ, whoever asks and whoever a note is about."""
	people = [coach, employee, enemy, make_user("Ben"), make_user("Mo", "HR Manager")]
	coaches = [coach, enemy, people[-1]]
	notes = [write_note(by, about) for by in coaches for about in people if by != about]
	for person in people:
		with acting_as(person):
			listed = set(frappe.get_list("Coaching Note", pluck="name", limit=0))
			opened = {
				note.name for note in notes if frappe.has_permission("Coaching Note", "read", doc=note.name)
			}
			assert listed == opened


def validate_link(doctype, name, fields):
	"""Fill fields from a link as forms do; Frappe v16 gave the method a new name."""
	if hasattr(frappe.client, "validate_link"):
		return frappe.client.validate_link(doctype, name, fields)
	return frappe.client.validate_link_and_fetch(doctype, name, fields)


def lists_and_searches(name):
	"""Everything by which Frappe lets people look through documents."""
	doctype = "Coaching Note"
	yield lambda: frappe.get_list(doctype, fields=["*"])
	yield lambda: frappe.client.get_list(doctype, fields=["*"])
	yield lambda: frappe.client.get_value(doctype, "observation", {"name": name})
	yield lambda: frappe.client.get(doctype, name)
	yield lambda: frappe.client.get(doctype, filters={"name": name})
	yield lambda: validate_link(doctype, name, ["observation", "employee_user"])
	yield lambda: frappe.desk.form.load.getdoc(doctype, name)
	yield lambda: frappe.desk.form.load.get_docinfo(doctype=doctype, name=name)
	yield lambda: frappe.desk.search.search_widget(doctype, "")
	yield lambda: frappe.desk.form.utils.get_next(doctype, name, prev=1)
	yield lambda: Exporter(
		doctype, export_fields={doctype: ["name", "observation"]}, export_data=True
	).get_csv_array()


@pytest.mark.parametrize("number", range(11))
def test_lists_and_searches_find_nothing(note, enemy, employee, coach, number):
	with acting_as(enemy):
		look = list(lists_and_searches(note.name))[number]
		frappe.local.response = frappe._dict(docs=[])
		try:
			found = look()
		except (frappe.PermissionError, frappe.DoesNotExistError):
			found = None
	text = frappe.as_json([found, frappe.local.response.docs])
	for secret in (SECRET, employee, coach, encryption.MARK):
		assert secret not in text


def test_the_report_builder_finds_nothing(note, enemy):
	with acting_as(enemy):
		as_request(doctype="Coaching Note", fields=json.dumps(["name", "observation"]), view="Report")
		assert not (frappe.desk.reportview.get() or {}).get("values")


def export_list():
	as_request(
		doctype="Coaching Note",
		file_format_type="CSV",
		title="Notes",
		fields=json.dumps(["`tabCoaching Note`.`name`", "`tabCoaching Note`.`observation`"]),
	)
	frappe.desk.reportview.export_query()
	return str(frappe.response.get("filecontent") or frappe.response.get("result"))


def export_with_the_data_export_tool():
	export_data("Coaching Note", all_doctypes=False, with_data=True, export_without_column_meta=True)
	return str(frappe.response.get("filecontent") or frappe.response.get("result"))


@pytest.mark.parametrize("export", [export_list, export_with_the_data_export_tool])
def test_system_managers_who_may_export_everything_export_nothing(note, enemy, employee, export):
	with acting_as(enemy):
		text = export()
	for secret in (note.name, SECRET, employee, encryption.MARK):
		assert secret not in text


@pytest.mark.parametrize("export", [export_list, export_with_the_data_export_tool])
def test_the_two_do_not_export_it(note, coach, export):
	with acting_as(coach), pytest.raises(frappe.PermissionError):
		export()


def test_permissions_on_everything_open_no_note(note, enemy):
	"""A System Manager can change role permissions; the rows stay closed."""
	frappe.permissions.add_permission("Coaching Note", "System Manager", 0)
	for ptype in ("report", "export", "print", "email", "share"):
		frappe.permissions.update_permission_property("Coaching Note", "System Manager", 0, ptype, 1)
	with acting_as(enemy):
		assert note.name not in export_list()
		assert not frappe.has_permission("Coaching Note", "read", doc=note.name)
		with pytest.raises(frappe.PermissionError):
			frappe.share.add("Coaching Note", note.name, enemy)


def test_counting_tells_nothing(note, enemy, employee, coach):
	with acting_as(enemy):
		assert lookups.get_count("Coaching Note", {"employee_user": employee}) == 0
	with acting_as(coach):
		assert lookups.get_count("Coaching Note", {"employee_user": employee}) == 1
		assert lookups.get_count("User", {"name": employee}) == 1


def test_the_database_holds_only_cipher(note):
	"""So SQL reports, templates, counting with filters, fetched fields and backups without the key tell nothing."""
	(row,) = frappe.db.sql("select * from `tabCoaching Note` where name = %s", note.name, as_dict=True)
	assert SECRET not in frappe.as_json(row)
	assert row.observation.startswith(encryption.MARK)


@pytest.mark.parametrize("reader", ["enemy", "Administrator"])
def test_code_that_runs_for_others_gets_cipher(note, enemy, reader):
	with acting_as(enemy if reader == "enemy" else reader):
		text = frappe.render_template(
			"{{ frappe.get_doc('Coaching Note', name).observation }}", {"name": note.name}
		)
	assert SECRET not in text


def test_saving_in_somebody_elses_session_keeps_the_text(note, coach):
	frappe.get_doc("Coaching Note", note.name).save(ignore_permissions=True)
	with acting_as(coach):
		assert SECRET in frappe.get_doc("Coaching Note", note.name).observation


def test_no_copy_lies_anywhere_else(note, coach, employee):
	with acting_as(coach):
		document = frappe.get_doc("Coaching Note", note.name)
		document.status = "Done"
		document.save(ignore_version=False)
	assert not frappe.db.exists("Version", {"ref_doctype": "Coaching Note"})
	assert not frappe.db.exists("Comment", {"reference_doctype": "Coaching Note"})
	assert not frappe.db.sql("select name from `__global_search` where doctype = 'Coaching Note'")


def test_a_deleted_note_leaves_no_text_in_the_bin(note, coach):
	with acting_as(coach):
		frappe.delete_doc("Coaching Note", note.name)
	(copy,) = frappe.get_all("Deleted Document", filters={"deleted_name": note.name}, pluck="data")
	assert SECRET not in copy and encryption.MARK not in copy


def test_a_notification_set_up_by_an_administrator_does_not_carry_the_text_out(coach, employee, enemy):
	frappe.get_doc(
		doctype="Notification",
		name="Every coaching note",
		enabled=1,
		channel="System Notification",
		document_type="Coaching Note",
		event="New",
		subject="{{ doc.observation }}",
		message="{{ doc.observation }}",
		recipients=[{"receiver_by_role": "System Manager"}],
	).insert()
	frappe.cache.hdel("notifications", "Coaching Note")
	write_note(coach, employee)
	assert not frappe.db.exists("Notification Log", {"subject": ("like", f"%{SECRET}%")})


def test_webhooks_and_server_scripts_do_not_see_the_text_either(coach, employee, enemy, monkeypatch):
	"""Whatever others attach to saving a document, a note runs none of it."""
	seen = []
	for listener in ("run_webhooks", "run_server_script_for_doc_event"):
		monkeypatch.setattr(
			f"frappe.model.document.{listener}", lambda doc, method: seen.append((doc.doctype, method))
		)
	note = write_note(coach, employee)
	with acting_as(coach):
		note.observation = f"Still {SECRET}."
		note.save()
		note.delete()
	assert ("Notification Log", "on_update") in seen, "others are listened to"
	assert not [doctype for doctype, _method in seen if doctype == "Coaching Note"]


def beside(note, user):
	"""Every record that Frappe would keep beside a document, for others to read."""
	about = {"reference_doctype": "Coaching Note", "reference_name": note.name}
	yield {"doctype": "Comment", "comment_type": "Comment", "content": SECRET, **about}
	yield {"doctype": "Communication", "subject": SECRET, "content": SECRET, **about}
	yield {
		"doctype": "ToDo",
		"description": SECRET,
		"reference_type": "Coaching Note",
		"reference_name": note.name,
	}
	yield {
		"doctype": "DocShare",
		"user": user,
		"share_doctype": "Coaching Note",
		"share_name": note.name,
		"read": 1,
	}
	yield {
		"doctype": "File",
		"file_name": "secret.txt",
		"content": SECRET,
		"is_private": 1,
		"attached_to_doctype": "Coaching Note",
		"attached_to_name": note.name,
	}
	tag = (
		frappe.get_doc(doctype="Tag", name="late")
		.insert(ignore_if_duplicate=True, ignore_permissions=True)
		.name
	)
	yield {"doctype": "Tag Link", "document_type": "Coaching Note", "document_name": note.name, "tag": tag}


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("writer", ["coach", "enemy", "Administrator"])
def test_nothing_is_kept_beside_a_note(note, coach, enemy, writer, number):
	with acting_as({"coach": coach, "enemy": enemy}.get(writer, writer)):
		record = frappe.get_doc(list(beside(note, enemy))[number])
		record.flags.ignore_share_permission = True
		with pytest.raises(frappe.PermissionError, match="Coaching Note"):
			record.insert(ignore_permissions=True)


def test_records_beside_other_documents_are_kept(coach):
	todo = frappe.get_doc(doctype="ToDo", description="Call Harbour Books").insert()
	todo.add_comment("Comment", "Done")
	assert frappe.db.exists("Comment", {"reference_doctype": "ToDo", "reference_name": todo.name})


def test_a_share_and_an_assignment_open_nothing(note, enemy):
	with acting_as(enemy):
		with pytest.raises(frappe.PermissionError):
			frappe.share.add("Coaching Note", note.name, enemy)
		with pytest.raises(frappe.PermissionError):
			frappe.desk.form.assign_to.add(
				{"doctype": "Coaching Note", "name": note.name, "assign_to": json.dumps([enemy])}
			)
		assert not frappe.has_permission("Coaching Note", "read", doc=note.name)


def test_the_employees_user_form_does_not_show_it_among_its_links(note, employee, enemy):
	with acting_as(enemy):
		found = lookups.get_linked_documents("User", employee)
	assert note.name not in frappe.as_json(found)
