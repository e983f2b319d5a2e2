"""Ringers are nobody's business. These tests are enemies: System Managers with every tool that Frappe has."""

import inspect
import json
import pickle
from contextlib import suppress

import frappe
import frappe.client
import frappe.desk.form.load
import frappe.desk.form.utils
import frappe.desk.reportview
import frappe.desk.search
import frappe.share
import pytest
from frappe.core.doctype.data_export.exporter import export_data
from frappe.core.doctype.data_import.exporter import Exporter

from crm_transparency.crm_transparency.overrides import lookups
from crm_transparency.ringers import (
	case_evidence,
	cases,
	drill,
	inbound_webhook,
	inbox,
	record_changes,
	report_form,
)
from crm_transparency.ringers.doctype.ringer_settings import ringer_settings
from crm_transparency.ringers.inbound_messages import InboundMessage
from crm_transparency.ringers.page.ringer_planting import ringer_planting
from tests.people_and_accounts import acting_as, make_user

CLOSED = ("Ringer", "Ringer Notice", "Ringer Manager Change")
SEALED = "sealed:"


@pytest.fixture
def enemy():
	"""A System Manager with every role that could matter, but one."""
	return make_user(
		"Eve",
		*("System Manager", "Script Manager", "Report Manager", "Dashboard Manager", "Workspace Manager"),
		*(
			"Transparency Manager",
			"Offboarding Manager",
			"HR Manager",
			"Sales Manager",
			"Sales Master Manager",
		),
	)


@pytest.fixture
def rep():
	return make_user("Ben")


@pytest.fixture
def told(planted, manager):
	"""A ringer that was edited, so that there is something in every table; its identity."""
	contact = frappe.get_doc("Contact", planted.contact)
	contact.designation = "Someone new"
	contact.save()
	record_changes.find_changes()
	return planted


def secrets_of(identity):
	return [identity.ringer, identity.email, identity.phone, identity.contact, identity.full_name]


@pytest.fixture(autouse=True)
def in_britain():
	"""Where numbers are kept for fiction."""
	frappe.db.set_single_value("System Settings", "country", "United Kingdom")


def assert_tells_nothing(text, identity):
	for secret in (*secrets_of(identity)[1:], SEALED):
		assert secret not in str(text)


def test_a_ringer_manager_reads_them(told, manager):
	with acting_as(manager):
		ringer = frappe.get_doc("Ringer", told.ringer)
		ringer.check_permission("read")
		assert (ringer.email, ringer.contact) == (told.email, told.contact)
		assert frappe.get_list("Ringer", pluck="name") == [told.ringer]
		assert [shown["email"] for shown in ringer_planting.overview()["ringers"]] == [told.email]


@pytest.mark.parametrize("doctype", ["Ringer Settings", "Ringer Webhook"])
def test_a_ringer_manager_is_the_first_to_save_the_settings(manager, doctype):
	frappe.db.delete("Singles", {"doctype": doctype})
	frappe.clear_document_cache(doctype, doctype)
	with acting_as(manager):
		for _time in ("first", "second"):
			frappe.get_doc(doctype).save()
	kept = frappe.db.get_singles_dict(doctype)
	assert manager not in kept.values(), "who it was is nobody's business"


RIGHTS = ("read", "write", "create", "delete", "export", "report", "share", "print", "email", "select")


@pytest.mark.parametrize("doctype", [*CLOSED, "Ringer Settings"])
def test_no_role_opens_them(enemy, doctype):
	with acting_as(enemy):
		assert not [right for right in RIGHTS if frappe.has_permission(doctype, right)]


def test_ringer_managers_carry_nothing_out(told, manager):
	with acting_as(manager):
		for ptype in ("export", "print", "email", "share", "delete", "import"):
			assert not frappe.has_permission("Ringer", ptype, doc=told.ringer)


def as_request(**form):
	frappe.local.form_dict = frappe._dict(form)


def report_view(doctype, name):
	as_request(doctype=doctype, fields=json.dumps(["name"]), view="Report")
	return frappe.desk.reportview.get()


def report_view_count(doctype, name):
	as_request(doctype=doctype, fields=json.dumps(["name"]), filters="[]")
	return frappe.desk.reportview.get_count()


LOOKS = {
	"get_list": lambda doctype, name: frappe.get_list(doctype, fields=["*"]),
	"client.get_list": lambda doctype, name: frappe.client.get_list(doctype, fields=["*"]),
	"client.get": lambda doctype, name: frappe.client.get(doctype, name),
	"client.get_value": lambda doctype, name: frappe.client.get_value(doctype, "name", {"name": name}),
	"get_count": lambda doctype, name: lookups.get_count(doctype),
	"validate_link": lambda doctype, name: lookups.validate_link(doctype, name, ["email"]),
	"getdoc": lambda doctype, name: frappe.desk.form.load.getdoc(doctype, name),
	"get_docinfo": lambda doctype, name: frappe.desk.form.load.get_docinfo(doctype=doctype, name=name),
	"search_widget": lambda doctype, name: frappe.desk.search.search_widget(doctype, ""),
	"get_next": lambda doctype, name: frappe.desk.form.utils.get_next(doctype, name, prev=1),
	"import template": lambda doctype, name: Exporter(
		doctype, export_fields={doctype: ["name"]}, export_data=True
	).get_csv_array(),
	"report view": report_view,
	"report view count": report_view_count,
}


@pytest.mark.parametrize("opened", [False, True], ids=["as it is", "with rules that open everything"])
@pytest.mark.parametrize("who", ["enemy", "rep"])
def test_looking_finds_nothing(told, request, who, opened):
	"""Not even where somebody wrote rules into the database that give every right to everybody."""
	user = request.getfixturevalue(who)
	for doctype in CLOSED:
		name = frappe.get_all(doctype, pluck="name", limit=1)[0]
		if opened:
			open_up(doctype)
		for look, find in LOOKS.items():
			with acting_as(user):
				frappe.local.response = frappe._dict(docs=[])
				try:
					found = find(doctype, name)
				except (frappe.PermissionError, frappe.DoesNotExistError):
					found = None
				text = frappe.as_json([found, frappe.local.response.docs])
			assert name not in text, (doctype, look, text)
			assert_tells_nothing(text, told)
			assert not ("count" in look and found), (doctype, look)


def open_up(doctype):
	rights = (
		"read",
		"write",
		"create",
		"delete",
		"select",
		"report",
		"export",
		"print",
		"email",
		"share",
		"import",
	)
	for role in ("System Manager", "Sales User", "All"):
		rule = frappe.new_doc("Custom DocPerm", parent=doctype, role=role, permlevel=0)
		rule.update(dict.fromkeys(rights, 1))
		rule.set_new_name()
		rule.db_insert()
	frappe.clear_cache(doctype=doctype)


@pytest.mark.parametrize("doctype", CLOSED)
def test_exports_bring_nothing_even_with_every_right(told, enemy, doctype):
	open_up(doctype)
	with acting_as(enemy):
		try:
			export_data(doctype, all_doctypes=False, with_data=True, export_without_column_meta=True)
			text = str(frappe.response.get("filecontent") or frappe.response.get("result"))
		except frappe.PermissionError:
			text = ""
	assert_tells_nothing(text, told)
	assert told.ringer not in text


def test_sharing_opens_nothing(told, enemy, manager):
	with acting_as(manager), pytest.raises(frappe.PermissionError):
		frappe.share.add("Ringer", told.ringer, enemy)
	share = frappe.new_doc(
		"DocShare", user=enemy, share_doctype="Ringer", share_name=told.ringer, read=1, write=1, share=1
	)
	share.set_new_name()
	share.db_insert()
	with acting_as(enemy):
		for look in (frappe.client.get, lambda *name: frappe.get_doc(*name).as_dict()):
			try:
				text = frappe.as_json(look("Ringer", told.ringer))
			except frappe.PermissionError:
				continue
			for secret in secrets_of(told)[1:]:
				assert secret not in text, "a row written into the database brings cipher at most"


@pytest.mark.parametrize("linked", ["Comment", "Communication", "ToDo", "Tag Link"])
def test_nothing_is_linked_to_a_ringer(told, manager, linked):
	"""System Managers could read it."""
	tag = frappe.get_doc(doctype="Tag", name="late").insert(ignore_if_duplicate=True)
	values = {
		"Comment": {"comment_type": "Comment", "reference_doctype": "Ringer", "reference_name": told.ringer},
		"Communication": {"subject": "x", "reference_doctype": "Ringer", "reference_name": told.ringer},
		"ToDo": {"description": "x", "reference_type": "Ringer", "reference_name": told.ringer},
		"Tag Link": {"document_type": "Ringer", "document_name": told.ringer, "tag": tag.name},
	}[linked]
	with acting_as(manager), pytest.raises(frappe.PermissionError):
		frappe.get_doc(doctype=linked, **values).insert(ignore_permissions=True)


METHODS = {
	"overview": lambda ringer: ringer_planting.overview(),
	"draft": lambda ringer: ringer_planting.draft(1),
	"draft_proposal": lambda ringer: ringer_planting.draft_proposal(),
	"change_draft": lambda ringer: ringer_planting.change_draft(ringer, {}),
	"discard": lambda ringer: ringer_planting.discard([ringer]),
	"plant": lambda ringer: ringer_planting.plant([ringer]),
	"retire": lambda ringer: ringer_planting.retire(ringer),
	"labels": lambda ringer: ringer_planting.labels([ringer]),
	"dismiss": lambda ringer: ringer_planting.dismiss("x"),
}


@pytest.mark.parametrize("who", ["enemy", "rep"])
def test_the_pages_methods_are_for_ringer_managers(told, request, who):
	for call in METHODS.values():
		with acting_as(request.getfixturevalue(who)), pytest.raises(frappe.PermissionError):
			call(told.ringer)


def test_every_method_of_the_page_is_tried_above():
	whitelisted = {
		name
		for name, found in vars(ringer_planting).items()
		if callable(found) and found in frappe.whitelisted
	}
	assert whitelisted == set(METHODS)


TEMPLATES = (
	"{{ frappe.get_doc('Ringer', name).email }}",
	"{{ frappe.get_doc('Ringer', name).as_dict() }}",
	"{{ frappe.get_doc('Ringer Settings').address_patterns }}",
	"{{ frappe.get_all('Ringer', fields=['*']) }}",
)


@pytest.mark.parametrize("who", ["enemy", "Administrator in a job"])
def test_templates_get_cipher(told, request, monkeypatch, who):
	"""The scheduler fills in, as Administrator, the templates of Notifications that System Managers wrote."""
	if who == "enemy":
		user = request.getfixturevalue(who)
	else:
		user = "Administrator"
		monkeypatch.setattr(frappe.local, "job", frappe._dict(method="frappe.email.trigger"), raising=False)
	for template in TEMPLATES:
		with acting_as(user):
			text = frappe.render_template(template, {"name": told.ringer})
		assert_tells_no_secret(text, told)


def assert_tells_no_secret(text, identity):
	for secret in secrets_of(identity)[1:]:
		assert secret not in str(text)


def test_a_scheduled_notification_about_ringers_tells_nothing(told, enemy, monkeypatch):
	"""Frappe sends it as Administrator, some days after a date of the document."""
	with acting_as(enemy):
		notification = frappe.get_doc(
			doctype="Notification",
			__newname="Every ringer",
			document_type="Ringer",
			event="Days After",
			date_changed="creation",
			days_in_advance=0,
			channel="Email",
			subject="{{ doc.email }}",
			message="{{ doc.email }} {{ doc.as_dict() }}",
			recipients=[{"receiver_by_role": "System Manager"}],
		).insert()
	mails = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: mails.append(mail))
	monkeypatch.setattr(frappe.local, "job", frappe._dict(method="frappe.email.trigger"), raising=False)
	notification.send(frappe.get_doc("Ringer", told.ringer))
	assert_tells_no_secret(mails, told)
	assert_tells_no_secret(frappe.get_all("Error Log", fields=["error"]), told)


def test_a_notification_about_ringers_hears_of_none(told, enemy, manager, monkeypatch):
	with acting_as(enemy):
		frappe.get_doc(
			doctype="Notification",
			__newname="Every change",
			document_type="Ringer",
			event="Save",
			channel="Email",
			subject="{{ doc.email }}",
			message="{{ doc.email }}",
			recipients=[{"receiver_by_role": "System Manager"}],
		).insert()
	mails = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: mails.append(mail))
	monkeypatch.setattr(frappe.flags, "in_import", False)
	with acting_as(manager):
		frappe.get_doc("Ringer", told.ringer).save()
	assert mails == []


def test_what_frappe_caches_is_cipher(told, manager, enemy):
	with acting_as(manager):
		ringer = frappe.get_doc("Ringer", told.ringer)
		assert ringer.email == told.email
		assert told.email.encode() not in pickle.dumps(ringer)
	frappe.get_cached_doc("Ringer", told.ringer)
	with acting_as(enemy):
		assert told.email not in frappe.as_json(frappe.get_cached_doc("Ringer", told.ringer))


def test_the_database_holds_nothing_in_clear_but_the_records_themselves(told):
	"""So SQL reports, system consoles and backups without the site's key tell nothing."""
	for doctype in CLOSED:
		for row in frappe.db.sql(f"select * from `tab{doctype}`", as_dict=True):
			for secret in secrets_of(told)[1:]:
				assert secret not in frappe.as_json(row)


def test_rows_about_ringers_point_at_no_moment_and_no_person(told, manager):
	for doctype in ("Ringer", "Ringer Notice"):
		for row in frappe.get_all(doctype, fields=["owner", "modified_by", "creation", "modified"]):
			assert {row.owner, row.modified_by} == {"Administrator"}
			assert str(row.creation).endswith("-01 00:00:00") and str(row.modified).endswith("-01 00:00:00")


def test_a_deleted_ringer_leaves_nothing_in_the_bin(told):
	frappe.delete_doc("Ringer", told.ringer)
	[copy] = frappe.get_all("Deleted Document", filters={"deleted_name": told.ringer}, pluck="data")
	assert_tells_nothing(copy, told)


def test_no_link_leads_from_a_contact_to_its_ringer(told, enemy):
	from frappe.model.rename_doc import get_link_fields

	for doctype in ("Contact", "Customer", "Lead", "Address"):
		assert not [link for link in get_link_fields(doctype) if link.parent.startswith("Ringer")]
	with acting_as(enemy):
		assert "Ringer" not in frappe.as_json(lookups.get_linked_documents("Contact", told.contact))


def heatmap(doctype):
	chart = {
		"type": "Heatmap",
		"chart_type": "Count",
		"document_type": doctype,
		"based_on": "modified",
		"filters_json": "[]",
	}
	return lookups.get_chart(chart=json.dumps(chart))


def graph_of_a_goal(doctype):
	return lookups.get_goal(
		goal_doctype=doctype,
		**{"title": "x", "doctype": "User", "docname": frappe.session.user, "goal_value_field": "name"},
		**{"goal_total_field": "name", "goal_history_field": "name", "goal_doctype_link": "owner"},
		**{"goal_field": "name", "date_field": "modified", "aggregation": "max", "filters": "{}"},
	)


@pytest.mark.parametrize("count", [heatmap, graph_of_a_goal])
@pytest.mark.parametrize("who", ["enemy", "rep"])
def test_no_dashboard_counts_them(told, request, who, count):
	"""Frappe draws both of all documents, whoever asks."""
	for doctype in CLOSED:
		open_up(doctype)
		with acting_as(request.getfixturevalue(who)), pytest.raises(frappe.PermissionError):
			count(doctype)


def test_a_report_about_a_ringer_managers_rights_lists_none(told, enemy, manager):
	from frappe.core.report.permitted_documents_for_user import permitted_documents_for_user

	asked = frappe._dict(user=manager, doctype="Ringer")
	with acting_as(enemy), suppress(frappe.PermissionError):  # v15 refuses
		assert not permitted_documents_for_user.execute(asked)[1]
	with acting_as(manager):
		assert frappe.get_list("Ringer", user=manager)


def log_of(failing) -> str:
	"""Return what Frappe would write into a log: with the values of all variables."""
	try:
		failing()
	except Exception:
		return frappe.get_traceback(with_context=True)
	return ""


@pytest.fixture
def broken(told, monkeypatch):
	"""Returns what makes a function of a module fail, with a ringer's address in its hands."""
	monkeypatch.setattr(frappe.db, "rollback", lambda *args, **kwargs: None)

	def fail(*args):
		ringer = told
		raise RuntimeError(f"{ringer.email} broke")

	return lambda module, name: monkeypatch.setattr(module, name, fail)


@pytest.mark.parametrize("job", ["every_morning", "every_hour"])
def test_a_failing_job_logs_nothing_that_it_held(told, broken, job):
	frappe.db.set_single_value("Ringer Settings", "mail_news", ringer_settings.WITHIN_THE_HOUR)
	broken(record_changes, "find_changes")
	log = log_of(getattr(record_changes, job))
	assert f"{job}: RuntimeError" in log
	assert_tells_nothing(log, told)


def test_a_failing_look_at_what_came_in_logs_nothing_that_it_held(told, broken):
	inbox.put(InboundMessage(came_by="Webhook", addresses=[told.email]))
	broken(cases, "add_to_cases")
	log = log_of(inbox.process)
	assert "process: RuntimeError" in log
	assert_tells_nothing(log, told)


def methods_for_ringer_managers():
	return [
		found
		for module in (ringer_planting, cases, drill, case_evidence, report_form, inbound_webhook)
		for found in vars(module).values()
		if callable(found) and found in frappe.whitelisted and found.__module__ == module.__name__
		if found not in frappe.guest_methods
	]


def test_every_method_for_ringer_managers_fails_quietly():
	for method in methods_for_ringer_managers():
		assert hasattr(method, "__wrapped__"), method


@pytest.mark.parametrize("who", ["enemy", "rep"])
def test_whoever_may_not_know_is_told_the_same_while_requests_are_recorded(told, request, monkeypatch, who):
	def answers():
		return [refusal_of(method) for method in methods_for_ringer_managers()]

	with acting_as(request.getfixturevalue(who)):
		otherwise = answers()
		monkeypatch.setattr(frappe.local, "_recorder", object(), raising=False)
		assert answers() == otherwise
	assert len(otherwise) > len(METHODS)


def refusal_of(method):
	"""Return how a method refuses to be asked anything at all, to the letter."""
	parameters = inspect.signature(method).parameters.values()
	asked = {
		name.name: 1 if name.annotation is int else "x" for name in parameters if name.default is name.empty
	}
	frappe.clear_messages()
	with pytest.raises(frappe.PermissionError) as refusal:
		method(**asked)
	return refusal.type, str(refusal.value), [message["message"] for message in frappe.get_message_log()]


def test_errors_on_the_page_are_not_logged_with_what_they_hold(told, manager, monkeypatch):
	def fail(*args):
		address = told.email
		raise RuntimeError(f"{address} broke")

	monkeypatch.setattr(ringer_planting.planting, "plant", fail)
	monkeypatch.setattr(frappe.db, "rollback", lambda **options: None)
	before = frappe.db.count("Error Log")
	with acting_as(manager), pytest.raises(frappe.ValidationError) as failure:
		ringer_planting.plant([told.ringer])
	assert told.email not in str(failure.value)
	assert failure.value.__cause__ is None and failure.value.__context__ is None
	assert frappe.db.count("Error Log") == before
