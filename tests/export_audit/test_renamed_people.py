"""Somebody whose user is renamed keeps what they did, and nobody gets it along with the old name."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import getdate, nowdate

from crm_transparency.export_audit import (
	export_alerts,
	export_baselines,
	export_visibility,
	exports,
	manifests,
)
from crm_transparency.export_audit.exports import Export
from crm_transparency.export_audit.report.my_exports import my_exports
from crm_transparency.ledger import entries
from tests.people_and_accounts import acting_as, make_customer, make_user


@pytest.fixture(autouse=True)
def only_people_concerned_see_exports(monkeypatch):
	monkeypatch.setattr(export_visibility, "is_open_to_everyone", lambda: False)


@pytest.fixture
def customer():
	return make_customer()


@pytest.fixture
def names(customer):
	"""A person who exported under each of their names: the old one and the new one, and these exports."""
	old = make_user("Ana")
	new = old.replace("ana", "ana.marsh")
	first = export(old, customer)
	frappe.rename_doc("User", old, new, force=True)
	return old, new, [first, export(new, customer)]


def export(user, customer, rows=1):
	with acting_as(user):
		values = {"doctype": "Customer", "row_count": rows, "records": [("Customer", customer.name)]}
		return exports.record(Export(exports.LIST_EXPORT, **values)).name


def listed(doctype="Export Log"):
	return set(frappe.get_list(doctype, pluck="name"))


def test_own_exports_stay_ones_own(names, customer):
	_old, new, made = names
	with acting_as(new):
		assert listed() == listed("Export Manifest") == set(made)
		for name in made:
			assert frappe.has_permission("Export Log", doc=frappe.get_doc("Export Log", name))
			assert manifests.read(name) == [("Customer", customer.name)]
		_columns, rows, *_rest = my_exports.execute({})
	assert len(rows) == 2


def test_who_gets_the_old_name_later_gets_nothing_else(names):
	old, _new, made = names
	successor = frappe.get_doc(doctype="User", email=old, first_name="Ana", send_welcome_email=0)
	successor.append_roles("Sales User")
	successor.insert(ignore_permissions=True)
	with acting_as(old):
		assert not listed() & set(made)
		assert not frappe.has_permission("Export Log", doc=frappe.get_doc("Export Log", made[0]))
		with pytest.raises(frappe.PermissionError):
			manifests.read(made[0])


def test_what_is_normal_goes_on(customer):
	old = make_user("Ben")
	new = old.replace("ben", "ben.marsh")
	yesterday = frappe.utils.now_datetime() - timedelta(days=1)
	entries.add_at_once("Export Log", user=old, exported_on=yesterday, channel="List Export", row_count=700)
	frappe.rename_doc("User", old, new, force=True)
	assert export_baselines.of_exports(getdate(nowdate()), [new])[new].most == 700
	assert export_baselines.of_exports(getdate(nowdate()))[new].most == 700


def test_nobody_settles_an_alert_about_themselves_under_a_former_name():
	mona = make_user("Mona", "Transparency Manager")
	make_user("Max", "Transparency Manager")
	alert = frappe._dict(user=mona, impersonated_by=None, day=getdate(nowdate()), rule="Large Export")
	new = mona.replace("mona", "mona.marsh")
	frappe.rename_doc("User", mona, new, force=True)
	assert export_alerts.is_concerned(new, alert)
	assert not export_alerts.may_settle(new, alert)


def test_a_bundle_about_somebody_stays_hidden_from_them_under_a_new_name(customer):
	old = make_user("Bela", "Transparency Manager")
	new = old.replace("bela", "bela.marsh")
	bundle = frappe.get_doc(
		doctype="Evidence Bundle",
		person=old,
		from_date=nowdate(),
		to_date=nowdate(),
		asked_by="Administrator",
		status="Queued",
	).insert(ignore_permissions=True)
	own = frappe.copy_doc(bundle)
	own.asked_by = old
	own.insert(ignore_permissions=True)
	frappe.rename_doc("User", old, new, force=True)
	with acting_as(new):
		assert listed("Evidence Bundle") & {bundle.name, own.name} == {own.name}
		assert not frappe.has_permission("Evidence Bundle", doc=bundle)
		assert frappe.has_permission("Evidence Bundle", doc=own)
