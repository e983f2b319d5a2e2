"""Where a change came from. What needs a real request is tested over HTTP, in tests/http."""

import frappe
import pytest

from tests.people_and_accounts import history, make_customer, make_user


@pytest.fixture
def customer():
	return make_customer(account_manager=make_user("Ana"))


def change_owner(customer):
	frappe.get_doc("Customer", customer.name).db_set("account_manager", make_user("Ben"))


def test_a_console_or_scheduler_is_a_background_job(customer):
	change_owner(customer)
	assert history(customer)[-1].source == "Background Job"


def test_a_queued_job_is_a_background_job(customer):
	from frappe.utils.background_jobs import execute_job

	ben = make_user("Ben")
	execute_job(
		site=frappe.local.site,
		user=frappe.session.user,
		method=frappe.client.set_value,
		event=None,
		job_name="test",
		kwargs={"doctype": "Customer", "name": customer.name, "fieldname": "account_manager", "value": ben},
		is_async=False,
	)
	assert history(customer)[-1].source == "Background Job"
	frappe.delete_doc("Customer", customer.name, force=True)
