"""The Openness Report and its daily snapshot."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_transparency.openness import limiting_rules, openness_figures, simpler_rules, visibility
from crm_transparency.openness.report.openness_report import openness_report
from tests.openness.permissions_setup import limit, make_territory, readable_count, total_count
from tests.people_and_accounts import acting_as, make_customer, make_user
from tests.restrictions.registering import hide_customers

pytestmark = pytest.mark.usefixtures("no_other_rules")


@pytest.fixture(autouse=True)
def two_territories():
	frappe.db.delete("Openness Snapshot")
	north, south = make_territory("North"), make_territory("South")
	for territory in (north, north, south, south):
		make_customer().db_set("territory", territory)
	return north, south


def report(**filters):
	_columns, rows, message, chart, summary = openness_report.execute(filters)
	return frappe._dict(rows=rows, message=message, chart=chart, summary=summary)


def row_of(user, **filters):
	[row] = [row for row in report(**filters).rows if row["user"] == user]
	return row


def test_a_row_says_which_share_somebody_reads_and_what_limits_it(ana, two_territories):
	north, _south = two_territories
	limit(ana, "Territory", north, applicable_for="Customer")
	openness_figures.take_snapshot()
	row = row_of(ana)
	expected = 100 * readable_count(ana, "Customer") / total_count("Customer")
	assert row["of_customer"] == pytest.approx(expected) and 0 < expected < 100
	assert row["of_lead"] in (None, 100)
	[rule] = row["rules"]
	assert north in rule["text"] and rule["link_doctype"] == "User Permission"
	assert rule["link_filters"] == {"user": ana, "allow": "Territory"}


def test_a_restriction_is_named_and_led_to(ana, olga):
	restriction = hide_customers([make_customer().name], olga, user=ana)
	openness_figures.take_snapshot()
	row = row_of(ana)
	assert row["of_customer"] < 100
	assert restriction.name in {rule["link_name"] for rule in row["rules"]}
	assert row_of(olga)["of_customer"] == 100


def test_the_companys_figure_is_the_mean_over_people_and_document_types():
	share = openness_figures.Share
	of_people = {
		"all": {"Customer": share(4, 4, ""), "Lead": share(1000, 1000, "")},
		"half": {"Customer": share(0, 4, ""), "Lead": share(1000, 1000, ""), "Prospect": share(0, 0, "")},
	}
	assert openness_figures.company_openness(of_people) == 75
	assert openness_figures.company_openness(of_people, "Customer") == 50
	assert openness_figures.company_openness(of_people, "Prospect") is None
	assert openness_figures.company_openness({}) is None


def test_a_day_has_one_snapshot_however_often_the_job_runs(monkeypatch):
	openness_figures.take_daily_snapshot()
	first = openness_figures.latest_snapshot().counted_on
	openness_figures.take_daily_snapshot()
	assert (
		frappe.db.count("Openness Snapshot") == 1 and openness_figures.latest_snapshot().counted_on == first
	)
	openness_figures.take_snapshot("Administrator")
	assert (
		frappe.db.count("Openness Snapshot") == 1
		and openness_figures.latest_snapshot().counted_by == "Administrator"
	)


def test_what_people_could_read_is_kept_for_the_newest_count_only(monkeypatch, ana):
	monkeypatch.setattr(openness_figures, "nowdate", lambda: add_days(nowdate(), -1))
	yesterday = openness_figures.take_snapshot()
	assert ana in openness_figures.shares_in(openness_figures.latest_snapshot())
	monkeypatch.undo()
	openness_figures.take_daily_snapshot()
	assert not frappe.db.get_value("Openness Snapshot", yesterday.name, "by_person")
	assert ana in openness_figures.shares_in(openness_figures.latest_snapshot())
	chart = report().chart
	assert len(chart["data"]["datasets"][0]["values"]) == 2


def test_what_changed_since_the_count_is_said(ana, two_territories):
	openness_figures.take_snapshot()
	assert "have changed since" not in report().message
	limit(ana, "Territory", two_territories[0])
	assert "have changed since" in report().message
	assert "changed since" in row_of(ana)["narrowed_by"]


def test_before_the_first_count_the_report_says_so():
	assert "Nothing is counted yet" in report().message


def test_everybody_sees_themselves_and_managers_see_everybody(ana, ben, mara):
	openness_figures.take_snapshot()
	with acting_as(ana):
		assert [row["user"] for row in report().rows] == [ana]
		assert report(person=ana).rows
		for view in ("By person", "By role"):
			with pytest.raises(frappe.PermissionError):
				report(person=ben, view=view)
	with acting_as(mara):
		assert {ana, ben, mara} <= {row["user"] for row in report().rows}


def test_roles_show_the_mean_of_their_people_and_how_many_are_limited(ana, ben, mara, two_territories):
	limit(ana, "Territory", two_territories[0], applicable_for="Customer")
	openness_figures.take_snapshot()
	rows = {row["who"]: row for row in report(view="By role").rows}
	assert rows["Sales User"]["people"] >= 3 and rows["Sales User"]["of_customer"] < 100
	assert "User Permissions on Territory (1 person)" in rows["Sales User"]["narrowed_by"]
	assert two_territories[0] not in rows["Sales User"]["narrowed_by"]


def test_a_role_that_hardly_anybody_holds_is_for_managers(ana, mara):
	role = frappe.get_doc(doctype="Role", role_name=f"Rare {frappe.generate_hash(length=4)}").insert().name
	make_user("Rare", "Sales User", role)
	openness_figures.take_snapshot()
	with acting_as(ana):
		assert role not in {row["who"] for row in report(view="By role").rows}
	with acting_as(mara):
		assert role in {row["who"] for row in report(view="By role").rows}


def test_names_of_hidden_customers_dont_show_through_user_permissions(ana):
	hedi = make_user("Hedi", "HR Manager")
	secret = make_customer(title="Secret Merger")
	limit(ana, "Customer", secret.name)
	openness_figures.take_snapshot()
	if limiting_rules.role_may_read(hedi, "Customer"):
		pytest.skip("HR may read customers here")
	with acting_as(hedi):
		assert secret.name not in row_of(ana)["narrowed_by"]
	assert secret.name in row_of(ana)["narrowed_by"]


def test_filters_choose_role_and_document_type(ana, mara):
	openness_figures.take_snapshot()
	assert mara in {row["user"] for row in report(role="Transparency Manager").rows}
	assert ana not in {row["user"] for row in report(role="Transparency Manager").rows}
	assert "of_lead" not in row_of(ana, document_type="Customer")


def test_a_role_shows_the_same_mean_whatever_is_asked_for(ana, ben, mara, two_territories):
	"""A mean of those who hold another role as well could be that of one person."""
	limit(ana, "Territory", two_territories[0])
	openness_figures.take_snapshot()
	with acting_as(ben):
		everything = {row["who"]: row["overall"] for row in report(view="By role").rows}
		assert "Sales User" in everything
		for role in ("Sales User", "Transparency Manager"):
			for row in report(view="By role", role=role).rows:
				assert (row["who"], row["overall"]) == (role, everything[role])


def test_what_is_left_out_of_figures_is_in_no_share(ana, monkeypatch, two_territories):
	decoy = make_customer()
	monkeypatch.setattr(visibility, "left_out", lambda doctype: frozenset({decoy.name}))
	before = total_count("Customer")
	assert before == frappe.db.count("Customer") - 1
	openness_figures.take_snapshot()
	assert row_of(ana)["of_customer"] == 100


def test_nobody_reads_by_rest_what_single_people_can_read(ana, mara):
	openness_figures.take_snapshot()
	for user in (ana, mara):
		with acting_as(user):
			found = frappe.get_list("Openness Snapshot", fields=["day", "openness"])
			assert found
			doc = frappe.get_doc("Openness Snapshot", nowdate())
			doc.apply_fieldlevel_read_permissions()
			assert not doc.get("by_person")


def test_only_managers_have_it_counted(ana):
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		openness_report.recalculate()
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		simpler_rules.propose()


def test_a_warning_says_when_rules_become_complex(ana, mara, two_territories):
	limit(ana, "Territory", two_territories[0])
	frappe.db.set_single_value("CRM Transparency Settings", "complex_rules", 0)
	openness_figures.take_snapshot()
	assert "getting complex" in report().message
	frappe.db.set_single_value("CRM Transparency Settings", "complex_rules", 1000)
	assert "getting complex" not in report().message
