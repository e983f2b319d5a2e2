"""Two browsers at once, and processes that are killed in the middle: nothing is sent or ended twice, or by half."""

import multiprocessing
import time

import frappe
import pytest
from frappe.utils.password import get_encryption_key

from crm_transparency.offboarding import (
	access_attempts,
	access_ending,
	mail_once,
	starting_offboardings,
	wizard_api,
)
from crm_transparency.offboarding.offboarding_records import INTERVIEW, REMOVAL
from tests.offboarding.people import in_days, make_employee, make_hr
from tests.ownership.processes import Process
from tests.people_and_accounts import make_user


@pytest.fixture(autouse=True)
def only_on_mariadb():
	if frappe.db.db_type == "sqlite":
		pytest.skip(
			"SQLite locks the whole database for each write: what two do at once is tested on MariaDB"
		)


@pytest.fixture
def committed(mail_account):
	"""An offboarding that other processes see, and its HR; taken away afterwards."""
	get_encryption_key()  # the site makes one when it first needs it, and here processes would each make their own
	hanna = make_hr()
	employee = make_employee(make_user("Ana"), personal_email="ana.lima@gmail.com")
	offboarding = starting_offboardings.open_or_start(employee=employee.name)
	frappe.db.commit()
	yield offboarding, hanna
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.db.set_value("Offboarding", offboarding.name, "status", "Draft")
	frappe.delete_doc("Offboarding", offboarding.name, force=True)
	frappe.db.delete("Email Account", {"name": mail_account})
	frappe.db.commit()


def doing(committed, step: str, **arguments):
	"""Return work for another process: a step, done and committed as HR, with the site unreachable over HTTP."""
	offboarding, hanna = committed

	def work():
		access_attempts.Site.answers = lambda site: False
		frappe.set_user(hanna)
		wizard_api.run(offboarding.name, step, arguments)
		frappe.db.commit()

	return work


def invitation() -> dict:
	return {"action": "invite", "starts_on": f"{in_days(5)} 10:00:00"}


def mails_of(offboarding) -> list[str]:
	frappe.db.rollback()
	return frappe.get_all("Offboarding Mail", filters={"offboarding": offboarding.name}, pluck="kind")


def test_two_browsers_at_once_send_one_invitation(committed):
	both = [Process(doing(committed, "interview", **invitation())) for _browser in range(2)]
	for process in both:
		process.wait()
	offboarding, _hanna = committed
	assert mails_of(offboarding) == ["invitation 1"]
	event = frappe.db.get_value(INTERVIEW, offboarding.name, "event")
	assert frappe.db.count("Event", {"subject": ("like", f"%{offboarding.employee_name}%")}) == 1 and event


def test_two_of_hr_at_once_send_one_invitation(committed):
	offboarding, hanna = committed
	colleague = make_hr()
	frappe.db.commit()
	both = [
		Process(doing((offboarding, person), "interview", **invitation())) for person in (hanna, colleague)
	]
	for process in both:
		process.wait()
	assert mails_of(offboarding) == ["invitation 1"]
	assert frappe.db.get_value(INTERVIEW, offboarding.name, "interviewer") in (hanna, colleague)


def test_two_at_once_begin_one_offboarding(mail_account):
	employee = make_employee(make_user("Ben"), "Ben")
	frappe.db.commit()

	def begin():
		starting_offboardings.open_or_start(employee=employee.name)
		time.sleep(0.2)
		frappe.db.commit()

	both = [Process(begin) for _browser in range(2)]
	for process in both:
		process.wait()
	frappe.db.rollback()
	(name,) = frappe.get_all("Offboarding", filters={"employee": employee.name}, pluck="name")
	frappe.delete_doc("Offboarding", name, force=True)
	frappe.db.delete("Email Account", {"name": mail_account})
	frappe.db.commit()


def killed_in(committed, monkeypatch, owner: object, function: str, step: str, **arguments) -> None:
	"""Do a step in another process, and kill it right after `function` of `owner` was done there."""
	reached = multiprocessing.get_context("fork").Event()
	original = getattr(owner, function)

	def slow(*args, **options):
		result = original(*args, **options)
		reached.set()
		time.sleep(60)
		return result

	monkeypatch.setattr(owner, function, slow)
	process = Process(doing(committed, step, **arguments))
	assert reached.wait(60)
	process.kill()
	monkeypatch.setattr(owner, function, original)


def test_killed_while_inviting_nothing_was_sent_and_the_next_attempt_sends_one(committed, monkeypatch):
	offboarding, _hanna = committed
	killed_in(committed, monkeypatch, mail_once, "send_once", "interview", **invitation())
	assert mails_of(offboarding) == []
	Process(doing(committed, "interview", **invitation())).wait()
	Process(doing(committed, "interview", **invitation())).wait()
	assert mails_of(offboarding) == ["invitation 1"]


def test_killed_while_access_ends_all_or_nothing_has_ended(committed, monkeypatch):
	offboarding, _hanna = committed
	killed_in(committed, monkeypatch, access_attempts, "keep", "access", action="now")
	frappe.db.rollback()
	assert frappe.db.get_value("User", offboarding.user, "enabled") == 1
	Process(doing(committed, "access", action="now")).wait()
	frappe.db.rollback()
	assert frappe.db.get_value("User", offboarding.user, "enabled") == 0


def test_killed_before_it_was_proved_the_job_proves_it(committed, monkeypatch):
	offboarding, _hanna = committed
	Process(doing(committed, "access", action="now")).wait()
	frappe.db.rollback()
	assert frappe.db.get_value(REMOVAL, offboarding.name, "to_try")

	def prove():
		access_attempts.Site.answers = lambda site: False
		access_ending.end_what_is_due()

	both = [Process(prove) for _worker in range(2)]
	for process in both:
		process.wait()
	frappe.db.rollback()
	removal = frappe.get_doc(REMOVAL, offboarding.name)
	assert not removal.to_try, frappe.get_all("Error Log", pluck="error", limit=1, order_by="creation desc")
	assert [proof.attempt for proof in removal.proofs] == ["Log in with the correct password"]
	assert all(proof.is_refused for proof in removal.proofs)
