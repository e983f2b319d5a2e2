"""Review dates: reminders, once each, and what happens after them."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, add_months, getdate, nowdate

from crm_transparency.crm_transparency.registry import SETTINGS
from crm_transparency.restrictions import decisions, in_force, review_dates
from tests.people_and_accounts import acting_as
from tests.restrictions.registering import hide_customers


@pytest.fixture
def restriction(ana, olga):
	return hide_customers(["Secret Mill"], olga, user=ana, review_by=add_months(nowdate(), 3))


def reminders(reader):
	return frappe.db.count("Notification Log", {"for_user": reader, "document_type": "Access Restriction"})


def days_before_review(restriction, days):
	return getdate(restriction.review_by) - timedelta(days=days)


def test_the_business_owner_is_reminded_30_and_7_days_before_once_each(restriction, olga, today):
	sent = []
	for days in (60, 31, 30, 30, 29, 8, 7, 7, 6, 1, 0):
		today(days_before_review(restriction, days))
		review_dates.check_daily()
		sent.append(reminders(olga))
	assert sent == [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2]


def test_without_outgoing_mail_the_reminder_is_in_the_app(restriction, olga, today, monkeypatch):
	def refuse(**_mail):
		raise frappe.OutgoingEmailError("Please set up the default Email Account")

	monkeypatch.setattr(frappe, "sendmail", refuse)
	today(days_before_review(restriction, 7))
	review_dates.check_daily()
	assert reminders(olga) == 1


def test_a_reminder_that_was_missed_is_sent_later(restriction, olga, today):
	today(days_before_review(restriction, 5))
	review_dates.check_daily()
	assert reminders(olga) == 1


def test_after_the_review_date_it_is_expired_stays_in_force_and_reminds_weekly(restriction, ana, olga, today):
	sent = []
	for days in (-1, -1, -2, -7, -8, -9, -15):
		today(days_before_review(restriction, days))
		review_dates.check_daily()
		sent.append(reminders(olga))
		assert in_force(ana)
	assert sent == [1, 1, 1, 1, 2, 2, 3]
	restriction.reload()
	assert restriction.status == "Expired"


def test_by_setting_it_lapses_even_before_the_job_has_run(restriction, ana, olga, today):
	frappe.db.set_single_value(SETTINGS, "restrictions_after_review_date", "They lapse")
	today(days_before_review(restriction, 0))
	assert in_force(ana)
	today(days_before_review(restriction, -1))
	assert not in_force(ana)
	for days in (-1, -9, -16):
		today(days_before_review(restriction, days))
		review_dates.check_daily()
	assert reminders(olga) == 1
	restriction.reload()
	assert restriction.status == "Expired"


def test_the_business_owner_approves_it_again_after_the_review(restriction, ana, olga, today):
	today(days_before_review(restriction, -1))
	review_dates.check_daily()
	with acting_as(olga):
		decisions.activate(restriction.name, review_by=add_days(restriction.review_by, 90))
	restriction.reload()
	assert restriction.status == "Active"
	assert in_force(ana)


def test_what_was_withdrawn_reminds_nobody(restriction, olga, today):
	with acting_as(olga):
		decisions.withdraw(restriction.name)
	today(days_before_review(restriction, 7))
	review_dates.check_daily()
	assert not reminders(olga)
