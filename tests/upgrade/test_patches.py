import frappe

from crm_transparency.patches import fill_in_new_settings

SETTINGS = "CRM Transparency Settings"


def test_settings_of_a_new_version_get_their_defaults_and_others_stay():
	frappe.db.delete("Singles", {"doctype": SETTINGS, "field": "bulk_read_rows"})
	frappe.db.set_single_value(SETTINGS, "large_export_rows", 7)
	fill_in_new_settings.execute()
	assert frappe.db.get_single_value(SETTINGS, "bulk_read_rows", cache=False) == 500
	assert frappe.db.get_single_value(SETTINGS, "large_export_rows", cache=False) == 7
