"""Alerts are about people, so they are kept no longer than the ledger entries they are about."""

import frappe
from frappe.utils import add_months, cint, getdate

from crm_transparency.crm_transparency import registry
from crm_transparency.export_audit.alerts.raising import ALERT


def forget_expired() -> None:
	keep_months = cint(frappe.db.get_single_value(registry.SETTINGS, "keep_ledger_months"))
	if keep_months > 0:
		frappe.db.delete(ALERT, {"day": ("<", add_months(getdate(), -keep_months))})
