import frappe

from crm_transparency.crm_transparency.registry import SETTINGS


def execute() -> None:
	"""Give settings that a site doesn't have yet their defaults: Frappe does that only for a document's first save."""
	singles = frappe.qb.DocType("Singles")
	there = frappe.qb.from_(singles).select(singles.field).where(singles.doctype == SETTINGS).run(pluck=True)
	for field in frappe.get_meta(SETTINGS).fields:
		if field.default is not None and field.fieldname not in there:
			frappe.db.set_single_value(SETTINGS, field.fieldname, field.default)
