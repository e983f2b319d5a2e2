"""Where Frappe's functions are replaced: each once, and what older versions lack is made up for."""

import sys
from types import ModuleType

import frappe

from crm_transparency.restrictions import places, records
from tests.people_and_accounts import acting_as, make_customer
from tests.restrictions.registering import hide_customers


def test_places_are_taken_once():
	get_shared = frappe.share.get_shared
	places._is_taken = False
	places.take()
	assert frappe.share.get_shared is get_shared


def test_whitelisted_functions_stay_whitelisted_for_the_same_methods():
	from frappe.desk import query_report, search
	from frappe.utils import global_search

	for function in (query_report.run, search.get_link_title, global_search.search):
		assert getattr(function, places.IS_OURS)
		assert function in frappe.whitelisted
		original = frappe.allowed_http_methods_for_whitelisted_func[function.__wrapped__]
		assert frappe.allowed_http_methods_for_whitelisted_func[function] == original


def test_what_a_module_had_imported_by_name_before_is_replaced_there_too(monkeypatch):
	from frappe.desk import search

	other_app = ModuleType("other_app")
	other_app.title_of = search.get_link_title.__wrapped__
	monkeypatch.setitem(sys.modules, "other_app", other_app)
	places.replace_copies()
	assert other_app.title_of is search.get_link_title


def test_versions_that_know_no_hooks_for_every_doctype_get_condition_and_check(ana, olga):
	"""As Frappe up to 15.19: its functions, with what other apps' hooks say."""
	customer = make_customer()
	hide_customers([customer.name], olga, user=ana)
	of_others = {"Customer": "disabled = 0"}
	conditions = records.with_condition(lambda query: of_others.get(query.doctype, ""))
	check = records.with_check(lambda doc, ptype, user=None: True)
	with acting_as(ana):
		query = frappe._dict(user=ana, doctype="Customer")
		assert conditions(query).startswith("disabled = 0 and (")
		assert not check(customer, "read", ana)
		assert check(make_customer(), "read", ana)
	assert conditions(frappe._dict(user=olga, doctype="Customer")) == "disabled = 0"


def test_a_version_is_asked_whether_it_knows_hooks_for_every_doctype():
	assert not places.knows_hooks_for_every_doctype(make_customer)
	assert places.knows_hooks_for_every_doctype(places.knows_hooks_for_every_doctype)
