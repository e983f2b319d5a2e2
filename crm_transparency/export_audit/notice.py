"""What everybody is told before an export: what will be recorded, and who can see it."""

from frappe import _

from crm_transparency.export_audit import permissions

#: the methods by which people in the Desk get files; there it asks them what for
ASK_BEFORE = (
	"frappe.desk.reportview.export_query",
	"frappe.desk.query_report.export_query",
	"frappe.core.doctype.data_export.exporter.export_data",
	"frappe.core.doctype.data_import.data_import.download_template",
	"frappe.contacts.doctype.contact.contact.download_vcard",
	"frappe.contacts.doctype.contact.contact.download_vcards",
)


def sentences() -> list[str]:
	return [
		_("This export will be recorded: who, when, what, how many rows, and which records."),
		who_sees_it(),
	]


def who_sees_it() -> str:
	if permissions.is_open_to_everyone():
		return _(
			"Colleagues can see that you exported customer data, when, and how many rows. Which records, the filters and "
			"your IP address are seen by you and managers only. So are exports of anything else."
		)
	return _("You and managers can see it, with your IP address and the filters.")
