import frappe
import pytest


@pytest.fixture(autouse=True)
def nothing_queued(tiny_package):
	from embedded.engine import jobs

	jobs.perform_all()


def perform_all() -> int:
	from embedded.engine import jobs

	return jobs.perform_all()


def test_a_job_runs_as_whoever_queued_it(log):
	frappe.set_user("Guest")
	job = frappe.enqueue("tiny_app.events.double", number=4)
	assert perform_all() == 1
	assert ("double", 4, "Guest") in log
	assert ("after_job", "tiny_app.events.double", 8) in log
	assert job.return_value() == 8
	assert frappe.session.user == "Guest"


def test_a_job_for_after_the_commit_waits_for_it(log):
	frappe.enqueue("tiny_app.events.double", number=5, enqueue_after_commit=True)
	assert perform_all() == 0
	frappe.db.rollback()
	frappe.enqueue("tiny_app.events.double", number=6, enqueue_after_commit=True)
	frappe.db.commit()
	assert perform_all() == 1
	assert [entry[1] for entry in log if entry[0] == "double"] == [6]


def test_the_same_job_is_queued_once(log):
	for _ in range(2):
		frappe.enqueue("tiny_app.events.double", number=7, job_id="seven", deduplicate=True)
	assert perform_all() == 1


def test_a_job_that_fails_leaves_an_error_log():
	job = frappe.enqueue("tiny_app.events.double", number=-1)
	perform_all()
	assert job.get_status() == "failed"
	assert frappe.db.exists("Error Log", {"method": "tiny_app.events.double"})


def test_due_events_are_queued_once(log):
	from embedded.engine import jobs

	event = {"method": "tiny_app.events.five_minutes"}
	frappe.db.set_value("Scheduled Job Type", event, "last_execution", "2020-01-01 00:00:00")
	frappe.db.commit()
	assert event["method"] in jobs.enqueue_due_events()
	perform_all()
	assert ("five_minutes",) in log
	assert event["method"] not in jobs.enqueue_due_events()
