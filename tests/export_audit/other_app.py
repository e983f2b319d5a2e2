"""What a small app with an opinion about exports does: its own version of Frappe's endpoint, around the original."""

import frappe
from frappe.desk import reportview


@frappe.whitelist()
def export_query():
	reportview.export_query()
	frappe.response["filename"] = f"other app {frappe.response['filename']}"


@frappe.whitelist()
def export_by_sql():
	"""Another that asks the database itself, as no recorder sees it."""
	rows = frappe.db.sql("select name from `tabCustomer`", as_list=True)
	frappe.response["filename"] = "customers.csv"
	frappe.response["filecontent"] = "\n".join(name for (name,) in rows).encode()
	frappe.response["type"] = "binary"
