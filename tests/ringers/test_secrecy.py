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
from frappe.utils.safe_exec import safe_exec

from crm_transparency.crm_transparency.overrides import lookups
from crm_transparency.ringers import api, cases, drill, evidence, journal, reporting, secrecy, settings
from crm_transparency.ringers.doors import links, webhook
from crm_transparency.ringers.exceptions import RingersAreClosed
from crm_transparency.ringers.watching import tray
from crm_transparency.ringers.watching.tip import Tip
from tests.people_and_accounts import acting_as, make_user

CLOSED = ("Ringer", "Ringer Notice", "Ringer Journal Entry", "Ringer Manager Change")
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
	journal.work_through()
	contact.designation = "Someone else"
	contact.save()
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
		assert [shown["email"] for shown in api.overview()["ringers"]] == [told.email]


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


def test_nobody_writes_such_rules_through_frappe(enemy):
	with acting_as(enemy):
		with pytest.raises(RingersAreClosed):
			frappe.permissions.add_permission("Ringer", "System Manager", 0)
		with pytest.raises(RingersAreClosed):
			frappe.get_doc(
				doctype="Custom Field", dt="Ringer", fieldname="x", fieldtype="Data", label="X"
			).insert()
		with pytest.raises(RingersAreClosed):
			frappe.get_doc(
				doctype="Client Script", dt="Ringer", name="peek", script="send(cur_frm.doc)", enabled=1
			).insert()
		with pytest.raises(RingersAreClosed):
			frappe.get_doc(
				doctype="Print Format", doc_type="Ringer", name="Peek", html="{{ doc.email }}", standard="No"
			).insert()


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


@pytest.mark.parametrize("beside", ["Comment", "Communication", "ToDo", "Tag Link"])
def test_nothing_is_kept_beside_a_ringer(told, manager, beside):
	values = {
		"Comment": {"comment_type": "Comment", "reference_doctype": "Ringer", "reference_name": told.ringer},
		"Communication": {"subject": "x", "reference_doctype": "Ringer", "reference_name": told.ringer},
		"ToDo": {"description": "x", "reference_type": "Ringer", "reference_name": told.ringer},
		"Tag Link": {"document_type": "Ringer", "document_name": told.ringer, "tag": a_tag()},
	}[beside]
	with acting_as(manager), pytest.raises(RingersAreClosed):
		frappe.get_doc(doctype=beside, **values).insert(ignore_permissions=True)


def a_tag():
	return (
		frappe.get_doc(doctype="Tag", name="late")
		.insert(ignore_if_duplicate=True, ignore_permissions=True)
		.name
	)


METHODS = {
	"overview": lambda ringer: api.overview(),
	"draft": lambda ringer: api.draft(1),
	"draft_proposal": lambda ringer: api.draft_proposal(),
	"change_draft": lambda ringer: api.change_draft(ringer, {}),
	"discard": lambda ringer: api.discard([ringer]),
	"plant": lambda ringer: api.plant([ringer]),
	"retire": lambda ringer: api.retire(ringer),
	"labels": lambda ringer: api.labels([ringer]),
	"tick_off": lambda ringer: api.tick_off("x"),
}


@pytest.mark.parametrize("who", ["enemy", "rep"])
def test_the_pages_methods_are_for_ringer_managers(told, request, who):
	for call in METHODS.values():
		with acting_as(request.getfixturevalue(who)), pytest.raises(frappe.PermissionError):
			call(told.ringer)


def test_every_method_of_the_page_is_tried_above():
	whitelisted = {
		name for name, found in vars(api).items() if callable(found) and found in frappe.whitelisted
	}
	assert whitelisted == set(METHODS)


SCRIPTS = (
	"result = frappe.get_doc('Ringer', name).email",
	"result = frappe.get_cached_doc('Ringer', name).as_dict()",
	"result = frappe.get_all('Ringer', fields=['*'])",
	"result = frappe.db.get_value('Ringer', name, 'email')",
	"result = frappe.db.sql('select * from tabRinger')",
	"result = frappe.get_doc('Ringer Settings').as_dict()",
	"result = frappe.copy_doc(frappe.get_doc('Ringer', name)).as_dict()",
	"d = frappe.new_doc('Ringer'); d.contact = frappe.get_doc('Ringer', name).contact; d.validate(); result = d.as_dict()",
	"d = frappe.get_doc('Ringer', name); d.reload(); result = d.email",
	"result = frappe.call('crm_transparency.ringers.api.overview')",
	"result = frappe.get_all('Ringer Journal Entry', fields=['*'])",
)


@pytest.mark.parametrize("who", ["enemy", "Administrator", "manager"])
def test_server_scripts_get_cipher_whoever_they_run_as(told, request, monkeypatch, who):
	monkeypatch.setattr("frappe.utils.safe_exec.is_safe_exec_enabled", lambda: True)
	user = who if who == "Administrator" else request.getfixturevalue(who)
	for script in SCRIPTS:
		places = {"result": None}
		with acting_as(user):
			try:
				safe_exec(f"name = '{told.ringer}'\n" + script.replace("; ", "\n"), None, places)
			except (frappe.PermissionError, AttributeError, TypeError, frappe.ValidationError) as refusal:
				places["result"] = str(refusal)
		assert places["result"] is not None, script
		text = frappe.as_json(places["result"])
		for secret in secrets_of(told)[1:]:
			assert secret not in text, script


AFTERWARDS = {
	"a function": """
def later():
	frappe.db.set_value('ToDo', todo, 'description', frappe.get_doc('Ringer', name).email)
frappe.db.after_commit.add(later)
""",
	"loading again": """
d = frappe.get_doc('Ringer', name)
frappe.db.after_commit.add(d.reload)
frappe.db.after_commit.add(lambda: frappe.db.set_value('ToDo', todo, 'description', d.email))
""",
	"loading a cached one again": """
d = frappe.get_cached_doc('Ringer', name)
frappe.db.after_commit.add(d.reload)
frappe.db.after_commit.add(lambda: frappe.db.set_value('ToDo', todo, 'description', d.email))
""",
	"loading a new one": """
d = frappe.new_doc('Ringer')
d.name = name
frappe.db.after_commit.add(d.reload)
frappe.db.after_commit.add(lambda: frappe.db.set_value('ToDo', todo, 'description', d.email))
""",
	"what was before": """
d = frappe.get_doc('Ringer', name)
frappe.db.after_commit.add(d.load_doc_before_save)
frappe.db.after_commit.add(
	lambda: frappe.db.set_value('ToDo', todo, 'description', d.get_doc_before_save().email)
)
""",
}


@pytest.mark.parametrize("way", AFTERWARDS)
def test_scripts_get_no_more_when_they_are_over(told, monkeypatch, way):
	"""A System Manager's script that the scheduler runs as Administrator."""
	monkeypatch.setattr("frappe.utils.safe_exec.is_safe_exec_enabled", lambda: True)
	todo = frappe.get_doc(doctype="ToDo", description="nothing").insert().name
	waiting = type(frappe.db.after_commit)()
	monkeypatch.setattr(frappe.db, "after_commit", waiting)
	frappe.get_cached_doc("Ringer", told.ringer)
	frappe.local.cache.clear()  # as in another process, which has what Redis has
	with acting_as("Administrator"):
		safe_exec(f"name = '{told.ringer}'\ntodo = '{todo}'\n{AFTERWARDS[way]}")
		waiting.run()
	description = frappe.db.get_value("ToDo", todo, "description")
	assert description != "nothing"
	for secret in secrets_of(told)[1:]:
		assert secret not in description


def test_scripts_that_run_in_the_apps_own_job_get_nothing_from_the_cache(told, monkeypatch):
	monkeypatch.setattr("frappe.utils.safe_exec.is_safe_exec_enabled", lambda: True)
	with acting_as("Administrator"):
		safe_exec(f"frappe.get_cached_doc('Ringer', '{told.ringer}')")
		delattr(frappe.local, secrecy.HELD_BY_A_SCRIPT)  # in another job
		assert frappe.get_doc("Ringer", told.ringer).email == told.email
		places = {"result": None}
		safe_exec(f"result = frappe.get_cached_doc('Ringer', '{told.ringer}').email", None, places)
	assert places["result"].startswith(SEALED)


GUESSES = (
	"d = frappe.get_doc({'doctype': 'Ringer', 'email': email}).insert(ignore_permissions=True)",
	"d = frappe.get_doc({'doctype': 'Ringer', 'email': email}); d.db_insert()",
	"d = frappe.get_doc('Ringer', name); d.email = email; d.save(ignore_permissions=True)",
	"d = frappe.get_doc('Ringer', name); d.db_set('email', email)",
	"d = frappe.get_doc('Ringer', name); d._derive()",
)
GUESSES_LATER = (
	"d = frappe.get_doc({'doctype': 'Ringer', 'email': email}); later = d.insert",
	"d = frappe.get_doc('Ringer', name); d.email = email; later = d.save",
)


@pytest.mark.parametrize("script", GUESSES_LATER)
def test_scripts_have_no_fingerprints_made_when_they_are_over(told, monkeypatch, script):
	monkeypatch.setattr("frappe.utils.safe_exec.is_safe_exec_enabled", lambda: True)
	places = {"later": None}
	with acting_as("Administrator"):
		known = f"name = '{told.ringer}'\nemail = 'guess@example.com'\n"
		safe_exec(known + script.replace("; ", "\n"), None, places)
		with pytest.raises(RingersAreClosed):
			places["later"]()


@pytest.mark.parametrize("who", ["enemy", "Administrator"])
def test_scripts_can_not_have_fingerprints_made_to_compare_them(told, request, monkeypatch, who):
	"""Else whoever reads the table could try out every contact."""
	monkeypatch.setattr("frappe.utils.safe_exec.is_safe_exec_enabled", lambda: True)
	user = who if who == "Administrator" else request.getfixturevalue(who)
	for script in GUESSES:
		places = {"d": None}
		with acting_as(user), pytest.raises((RingersAreClosed, SyntaxError, frappe.PermissionError)):
			known = f"name = '{told.ringer}'\nemail = 'guess@example.com'\n"
			safe_exec(known + script.replace("; ", "\n"), None, places)
	assert frappe.db.count("Ringer") == 1
	with (
		acting_as(user),
		pytest.raises(Exception, match=r"not permitted|unsafe|closed|Ringer Manager|SecurityError"),
	):
		frappe.render_template("{{ frappe.get_doc('Ringer', name)._derive() }}", {"name": told.ringer})


TEMPLATES = (
	"{{ frappe.get_doc('Ringer', name).email }}",
	"{{ frappe.get_doc('Ringer', name).as_dict() }}",
	"{{ frappe.get_doc('Ringer Settings').address_patterns }}",
	"{{ frappe.get_all('Ringer', fields=['*']) }}",
	"{{ frappe.call('crm_transparency.ringers.api.overview') }}",
)


@pytest.mark.parametrize("who", ["enemy", "Administrator", "manager"])
def test_templates_get_cipher_whoever_they_are_filled_in_for(told, request, who):
	"""The scheduler fills in a System Manager's Notifications as Administrator."""
	user = who if who == "Administrator" else request.getfixturevalue(who)
	for template in TEMPLATES:
		with acting_as(user):
			try:
				text = frappe.render_template(template, {"name": told.ringer})
			except Exception as error:
				text = str(error)
		for secret in secrets_of(told)[1:]:
			assert secret not in text, template


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


def test_a_webhook_or_notification_on_ringers_is_refused(enemy):
	with acting_as(enemy), pytest.raises(RingersAreClosed):
		frappe.get_doc(
			doctype="Notification",
			__newname="Every ringer",
			document_type="Ringer",
			event="New",
			subject="{{ doc.email }}",
			message="{{ doc.email }}",
			recipients=[{"receiver_by_role": "System Manager"}],
		).insert()
	with pytest.raises(RingersAreClosed):
		frappe.get_doc(
			doctype="Webhook",
			__newname="Every ringer",
			webhook_doctype="Ringer",
			webhook_docevent="on_update",
			request_url="https://eve.example",
			request_method="POST",
		).insert()


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


@pytest.mark.parametrize(
	"values",
	[
		{
			"doctype": "Report",
			"report_name": "Peek",
			"report_type": "Report Builder",
			"ref_doctype": "Ringer",
		},
		{"doctype": "Number Card", "label": "Peek", "type": "Document Type", "document_type": "Ringer"},
		{
			"doctype": "Dashboard Chart",
			"chart_name": "Peek",
			"chart_type": "Count",
			"document_type": "Ringer",
			"based_on": "modified",
		},
		{"doctype": "Web Form", "title": "Peek", "route": "peek", "doc_type": "Ringer"},
	],
	ids=lambda values: values["doctype"],
)
def test_nobody_makes_reports_cards_charts_or_forms_of_them(values):
	with pytest.raises(RingersAreClosed):
		frappe.get_doc(values).insert(ignore_permissions=True, ignore_mandatory=True)


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
	frappe.db.set_single_value("Ringer Settings", "mail_news", settings.WITHIN_THE_HOUR)
	broken(journal, "work_through")
	log = log_of(getattr(reporting, job))
	assert f"{job}: RuntimeError" in log
	assert_tells_nothing(log, told)


def test_a_failing_look_at_what_came_in_logs_nothing_that_it_held(told, broken):
	tray.put(Tip(came_by="Webhook", addresses=[told.email]))
	broken(cases, "take_in")
	log = log_of(tray.look_through)
	assert "look_through: RuntimeError" in log
	assert_tells_nothing(log, told)


def methods_for_ringer_managers():
	return [
		found
		for module in (api, cases, drill, evidence, links, webhook)
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

	monkeypatch.setattr(api.planting, "plant", fail)
	monkeypatch.setattr(frappe.db, "rollback", lambda **options: None)
	before = frappe.db.count("Error Log")
	with acting_as(manager), pytest.raises(frappe.ValidationError) as failure:
		api.plant([told.ringer])
	assert told.email not in str(failure.value)
	assert failure.value.__cause__ is None and failure.value.__context__ is None
	assert frappe.db.count("Error Log") == before
