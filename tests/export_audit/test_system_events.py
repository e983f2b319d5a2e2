"""System events: what one person did in a period, for managers and for the person."""

import json
from datetime import date, datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_transparency.crm_transparency import activity
from crm_transparency.crm_transparency.activity import NEW_ADDRESS, PERMISSION_CHANGE, Selection
from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit import exports
from crm_transparency.export_audit.export_activity import ALERT, EXPORT
from crm_transparency.export_audit.exports import Export
from crm_transparency.export_audit.report.system_events import system_events
from crm_transparency.export_audit.report.system_events.system_events import BACKUP, MAIL
from tests.people_and_accounts import acting_as, make_user


@pytest.fixture
def ana():
	return make_user("Ana")


@pytest.fixture
def mona():
	return make_user("Mona", "Transparency Manager")


def record(user, **values):
	with acting_as(user):
		return exports.record(Export(**{"channel": exports.LIST_EXPORT, "doctype": "Customer", **values}))


def of(user, kind, days=1):
	return [event for event in lately(user, days) if event.kind == kind]


def lately(user, days=1):
	return system_events.events_of(user, Period.of_days(add_days(nowdate(), 1 - days), nowdate()))


def sentences_of(activities):
	activities = list(activities)
	called = {user: frappe.utils.get_fullname(user) for act in activities for user in (act.user, act.name)}
	return [system_events.permission_sentence(act, called) for act in activities]


def today(user):
	return Selection((user,), Period.of_days(nowdate(), nowdate()))


def test_an_export_is_told_with_its_purpose(ana):
	entry = record(ana, row_count=1234, purpose="Christmas cards")
	[event] = of(ana, EXPORT)
	assert event.sentence == "List Export: Customer, 1,234 rows, for: Christmas cards"
	assert (event.reference_doctype, event.reference_name, event.rows) == ("Export Log", entry.name, 1234)


def test_a_mail_to_the_outside_is_told_apart_from_one_to_a_colleague(ana, mona):
	record(ana, channel=exports.EMAIL_ATTACHMENT, recipients=f"{mona}\nfriend@rival.example")
	record(ana, channel=exports.EMAIL_ATTACHMENT, recipients=mona)
	[event] = of(ana, MAIL)
	assert event.sentence == "Emailed a file (Customer) to friend@rival.example"
	assert len(of(ana, EXPORT)) == 1


def test_addresses_at_the_companys_own_domains_are_no_outside(ana):
	frappe.get_doc(
		doctype="Email Account", email_id="office@harbour.example", email_account_name="Office"
	).db_insert()
	record(ana, channel=exports.EMAIL_ATTACHMENT, recipients="Sales@Harbour.example")
	assert of(ana, MAIL) == []


def test_a_backup(ana):
	record(ana, channel=exports.BACKUP_DOWNLOAD, doctype=None)
	[event] = of(ana, BACKUP)
	assert event.sentence == "Downloaded a backup"


def log_in(user, address, days_ago=0):
	log = frappe.get_doc(
		doctype="Activity Log",
		user=user,
		operation="Login",
		status="Success",
		subject="in",
		ip_address=address,
	)
	log.insert(ignore_permissions=True)
	moment = now_datetime() - timedelta(days=days_ago)
	frappe.db.set_value(
		"Activity Log", log.name, {"ip_address": address, "creation": moment}, update_modified=False
	)


def test_logins_from_new_addresses_are_told_once(ana):
	for address, days_ago in (("10.0.0.1", 60), ("10.0.0.1", 3), ("10.0.0.2", 2), ("10.0.0.2", 1)):
		log_in(ana, address, days_ago)
	[event] = of(ana, NEW_ADDRESS, days=30)
	assert event.sentence == "Logged in from 10.0.0.2 for the first time"


def test_the_first_login_that_is_known_is_not_new(ana):
	log_in(ana, "10.0.0.1")
	assert of(ana, NEW_ADDRESS) == []


def test_a_changed_role_is_told_of_both_people(ana, mona):
	if not frappe.db.exists("DocType", "Permission Log"):
		pytest.skip("Frappe v15 has no Permission Log")
	with acting_as(mona):
		user = frappe.get_doc("User", ana)
		user.append_roles("HR User")
		user.save(ignore_permissions=True)
	for person in (ana, mona):
		sentences = [event.sentence for event in of(person, PERMISSION_CHANGE)]
		assert "Mona assigned the roles HR User to Ana" in sentences


def version_of(doctype, name, owner, **data):
	version = frappe.get_doc(
		doctype="Version", ref_doctype=doctype, docname=name, data=json.dumps(data), owner=owner
	)
	version.name = frappe.generate_hash(length=10)
	version.owner, version.creation = owner, now_datetime()
	version.db_insert()


def test_v15_tells_changed_roles_by_versions(ana, mona):
	rows = [["roles", {"role": "Sales Manager"}]]
	version_of("User", ana, mona, added=rows, removed=[])
	version_of("User", ana, ana, changed=[["mobile_no", "", "1"]])
	found = activity.versions(today(ana))
	assert sentences_of(found) == ["Mona assigned the roles Sales Manager to Ana"]
	assert len(list(activity.versions(today(mona)))) == 1


def test_v15_tells_who_changed_what_a_role_may_do(ana):
	with acting_as(ana):
		permission = frappe.get_doc(doctype="Custom DocPerm", parent="ToDo", role="Sales User", read=1)
		permission.insert(ignore_permissions=True)
	found = activity.role_permissions(today(ana))
	assert sentences_of(found) == ["Changed the permissions of the role Sales User on ToDo"]


def alert_about(user, rule):
	alert = frappe.get_doc(
		doctype="Export Alert", user=user, day=nowdate(), rule=rule, status="Open", explanation=f"Ana: {rule}"
	)
	alert.flags.raised_by_rule = True
	alert.insert(ignore_permissions=True, set_name=frappe.generate_hash(length=10))


def test_alerts_are_seen_as_their_own_room_lets_them(ana, mona):
	alert_about(ana, "Large Export")
	alert_about(ana, "Leaving")
	with acting_as(mona):
		assert {event.sentence for event in of(ana, ALERT)} == {"Ana: Large Export", "Ana: Leaving"}
		assert len(of(ana, ALERT)) == 2
	with acting_as(ana):
		assert [event.sentence for event in of(ana, ALERT)] == ["Ana: Large Export"]


def test_people_see_their_own_events_only(ana, mona):
	with acting_as(ana):
		lately(ana)
		with pytest.raises(frappe.PermissionError):
			lately(mona)
		with pytest.raises(frappe.PermissionError):
			system_events.execute({"user": mona})


def test_events_are_counted_by_week(ana, monkeypatch):
	for day in (2, 3, 9):
		monkeypatch.setattr(exports, "now_datetime", lambda day=day: datetime(2020, 3, day, 12))
		record(ana)
	period = Period.of_days(date(2020, 3, 2), date(2020, 3, 15))
	found = system_events.events_of(ana, period)
	assert system_events.counts_of(found, period.calendar_parts(53)[1])[EXPORT] == [2, 1]
	assert [event.happened_on.day for event in found] == [9, 3, 2]


def test_the_report_has_rows_chart_and_sums_and_narrows_to_a_kind(ana):
	record(ana)
	record(ana, channel=exports.BACKUP_DOWNLOAD, doctype=None)
	_columns, rows, note, chart, summary = system_events.execute({"user": ana, "kind": BACKUP})
	assert [row["kind"] for row in rows] == [BACKUP] and note is None
	assert {dataset["name"] for dataset in chart["data"]["datasets"]} >= {EXPORT, BACKUP}
	assert {sum_["label"]: sum_["value"] for sum_ in summary}["Exports"] == 1
