"""Step 3: the review, which only those see who run the offboarding."""

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime

from crm_transparency.crm_transparency import encryption
from crm_transparency.ledger import entries
from crm_transparency.offboarding import review_figures, wizard_api
from crm_transparency.offboarding.offboarding_records import FINDING, REVIEW
from tests.offboarding.people import do, in_days, make_employee, make_hr, row
from tests.people_and_accounts import acting_as, make_customer, make_user

BUNDLE = "Evidence Bundle"


def export(user: str, rows: int, days_ago: int, hour: int = 11) -> None:
	moment = add_to_date(get_datetime(in_days(-days_ago)), hours=hour)
	entries.add_at_once(
		"Export Log",
		user=user,
		exported_on=moment,
		channel="List Export",
		reference_doctype="Customer",
		row_count=rows,
		record_count=rows,
		column_count=3,
		contact_data=1,
	)


@pytest.fixture
def busy(offboarding, ben, mona):
	"""Ana exported much, late at night, and took two accounts over; her colleague Ben did little."""
	frappe.db.delete("Export Log")
	make_employee(ben, "Ben", reports_to=frappe.db.get_value("Employee", {"user_id": mona}))
	frappe.db.set_value("User", offboarding.user, "creation", in_days(-400))
	export(offboarding.user, 200, days_ago=150)
	export(offboarding.user, 5000, days_ago=weekday_ago(20), hour=23)
	export(ben, 100, days_ago=weekday_ago(20))
	for _time in range(2):
		customer = make_customer(ben)
		with acting_as(offboarding.user):
			customer.account_manager = offboarding.user
			customer.save()
	return offboarding


def weekday_ago(days: int) -> int:
	"""Return so many days, or a few more, so that it isn't a weekend."""
	while get_datetime(in_days(-days)).weekday() >= review_figures.SATURDAY:
		days += 1
	return days


def make_review(offboarding, hanna) -> dict:
	return do(offboarding, "review", hanna, action="make")["known"]


def test_five_sentences_say_what_happened_and_what_is_normal(busy, hanna):
	known = make_review(busy, hanna)
	assert len(known["sentences"]) == len(known["measures"]) == 5
	exports, reads, mails, changes, hours = known["measures"]
	assert (exports["now"], exports["before"], exports["team"]) == (5000, 200, 100)
	assert (changes["now"], changes["of_these"]) == (2, 2)
	assert hours["now"] >= 1
	assert (reads["now"], mails["now"]) == (0, 0)
	first = known["sentences"][0]
	assert "5,000" in first and "200" in first and "1 colleagues" in first


def test_findings_are_facts_with_what_is_normal(busy, hanna):
	texts = [finding["text"] for finding in make_review(busy, hanna)["findings"]]
	assert any("5,000" in text for text in texts)
	assert any("took over 2 accounts of Ben" in text for text in texts)
	assert any("23:00" in text for text in texts)


def test_each_finding_is_settled_by_a_named_person(busy, hanna):
	findings = make_review(busy, hanna)["findings"]
	assert row(busy, "review").status == "In Progress"
	olivia = make_user("Olivia", "Offboarding Manager")
	for number, finding in enumerate(findings):
		status = "Follow up" if number == 0 else "Explained"
		more = {"followed_up_by": olivia} if number == 0 else {}
		do(
			busy,
			"review",
			hanna,
			action="settle",
			finding=finding["name"],
			status=status,
			note="A fair",
			**more,
		)
	assert row(busy, "review").status == "Done"
	shown = {it["name"]: it for it in make_review(busy, hanna)["findings"]}
	first = shown[findings[0]["name"]]
	assert (first["status"], first["decided_by_name"], first["followed_up_by_name"]) == (
		"Follow up",
		"Hanna",
		"Olivia",
	)
	assert len(shown) == len(findings)


def test_a_finding_is_not_followed_up_by_the_leaver_or_just_anybody(busy, hanna, ben):
	finding = make_review(busy, hanna)["findings"][0]["name"]
	for person in (busy.user, ben):
		with pytest.raises(frappe.ValidationError):
			do(
				busy,
				"review",
				hanna,
				action="settle",
				finding=finding,
				status="Follow up",
				followed_up_by=person,
			)


def test_the_record_says_how_many_findings_but_not_which(busy, hanna):
	make_review(busy, hanna)
	assert "5,000" not in row(busy, "review").result
	timeline = frappe.get_all("Comment", filters={"reference_name": busy.name}, pluck="content")
	assert not any("5,000" in text for text in timeline)


def test_its_texts_are_stored_encrypted(busy, hanna):
	make_review(busy, hanna)
	stored = frappe.db.get_value(REVIEW, busy.name, ["sentences", "measures"])
	stored += tuple(frappe.get_all(FINDING, filters={"offboarding": busy.name}, pluck="text"))
	assert all(text.startswith(encryption.MARK) for text in stored)


@pytest.fixture
def mighty_leaver(busy):
	"""Ana holds every role there is."""
	frappe.get_doc("User", busy.user).add_roles("System Manager", "HR Manager", "Offboarding Manager")
	return busy.user


def test_the_leaver_sees_nothing_of_it_whatever_roles_there_are(busy, hanna, mighty_leaver):
	frappe.db.set_value("Offboarding Step", {"parent": busy.name, "step": "review"}, "due_on", in_days(0))
	make_review(busy, hanna)
	with acting_as(hanna):
		doc = frappe.get_doc("Offboarding", busy.name)
		doc.add_comment("Comment", "Something about Ana")
		doc.leaving_for = "Rival"
		doc.save(ignore_version=False)
	with acting_as(mighty_leaver):
		for action in (wizard_api.open, wizard_api.run):
			with pytest.raises(frappe.PermissionError):
				action(busy.name, "review")
		assert busy.name not in [row["name"] for row in wizard_api.overview()["offboardings"]]
		for doctype in (REVIEW, FINDING, "Offboarding"):
			assert frappe.get_list(doctype, limit_page_length=0, filters=about(doctype, busy)) == []
			for name in frappe.get_all(doctype, filters=about(doctype, busy), pluck="name"):
				doc = frappe.get_doc(doctype, name)
				assert not doc.has_permission("read")
				assert "5,000" not in doc.as_json()
		assert frappe.get_list("Comment", filters={"reference_name": busy.name}) == []
		assert frappe.get_list("Version", filters={"docname": busy.name}) == []
		assert frappe.get_list("ToDo", filters={"reference_name": busy.name}) == []


def about(doctype: str, offboarding) -> dict:
	return {"name": offboarding.name} if doctype == "Offboarding" else {"offboarding": offboarding.name}


def test_frappes_questions_about_documents_do_not_tell_the_leaver_either(busy, hanna, mighty_leaver):
	from crm_transparency.crm_transparency.overrides import lookups

	make_review(busy, hanna)
	with acting_as(mighty_leaver):
		assert lookups.get_count("Offboarding", {"user": busy.user}) == 0
		assert lookups.get_count(FINDING) == 0
		linked = lookups.get_linked_documents("User", busy.user)
		assert not {"Offboarding", "Access Removal", "Offboarding Finding"} & set(linked)
		assert not frappe.db.sql("select name from `__global_search` where content like '%5,000%'")
	with acting_as(hanna):
		assert lookups.get_count("Offboarding", {"user": busy.user}) == 1


def test_neither_the_manager_nor_an_administrator_sees_it(busy, hanna, mona):
	make_review(busy, hanna)
	for user in (mona, make_user("Root", "System Manager")):
		with acting_as(user):
			with pytest.raises(frappe.PermissionError):
				wizard_api.open(busy.name, "review")
			for doctype in (REVIEW, FINDING):
				with pytest.raises(frappe.PermissionError):
					frappe.get_list(doctype)
			doc = frappe.get_doc(REVIEW, busy.name)
			assert not doc.has_permission("read") and "5,000" not in doc.as_json()


def test_whoever_impersonates_hr_to_look_at_their_own_review_sees_nothing(busy, hanna, monkeypatch):
	make_review(busy, hanna)
	with acting_as(hanna):
		monkeypatch.setattr(frappe.session, "data", frappe._dict(impersonated_by=busy.user))
		with pytest.raises(frappe.PermissionError):
			wizard_api.open(busy.name, "review")
		assert frappe.get_list("Offboarding", filters={"name": busy.name}) == []


def test_evidence_is_asked_for_with_one_click_and_once(busy, hanna):
	make_review(busy, hanna)
	for _time in range(2):
		do(busy, "review", hanna, action="evidence")
	(bundle,) = frappe.get_all(BUNDLE, filters={"person": busy.user}, fields=["name", "asked_by"])
	assert bundle.asked_by == hanna
	assert frappe.db.get_value(REVIEW, busy.name, "evidence_bundle") == bundle.name
	frappe.get_doc("User", busy.user).add_roles("System Manager")
	for user, sees in ((busy.user, False), (hanna, True)):
		with acting_as(user):
			assert bool(frappe.get_list(BUNDLE, filters={"name": bundle.name})) is sees
			assert frappe.has_permission(BUNDLE, doc=bundle.name) is sees


def test_cancelling_forgets_the_review_of_somebody_who_stays(busy, hanna):
	make_review(busy, hanna)
	with acting_as(hanna):
		wizard_api.cancel(busy.name, "She stays")
	assert not frappe.db.exists(REVIEW, busy.name)
	assert frappe.db.count(FINDING, {"offboarding": busy.name}) == 0
	deleted = frappe.get_all("Deleted Document", filters={"deleted_doctype": ("in", (REVIEW, FINDING))})
	assert deleted == []


def test_another_hr_manager_goes_on_where_the_first_stopped(busy, hanna):
	make_review(busy, hanna)
	with acting_as(make_hr()):
		assert wizard_api.open(busy.name, "review")["known"]["made_by_name"] == "Hanna"


def test_hours_are_unusual_at_night_and_at_weekends():
	monday = get_datetime("2026-11-23 10:00:00")
	assert not review_figures.is_unusual(monday)
	for moment in ("2026-11-23 05:59:00", "2026-11-23 21:00:00", "2026-11-22 12:00:00"):
		assert review_figures.is_unusual(get_datetime(moment))
