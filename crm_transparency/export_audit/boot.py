import frappe

from crm_transparency.export_audit.audited import audited_doctypes


def tell_the_desk_what_is_audited(bootinfo: frappe._dict) -> None:
	"""Put into the Desk's boot info on which forms to offer who exported a document."""
	bootinfo.setdefault("crm_transparency", {})["audited_doctypes"] = sorted(audited_doctypes())
