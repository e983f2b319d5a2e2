import frappe

from crm_transparency.export_audit import notice
from crm_transparency.export_audit.audited import audited_doctypes


def tell_the_desk_what_is_audited(bootinfo: frappe._dict) -> None:
	"""Put into the Desk's boot info on which forms to offer who exported a document, and before what to ask what for."""
	bootinfo.setdefault("crm_transparency", {}).update(
		audited_doctypes=sorted(audited_doctypes()), ask_before=notice.ASK_BEFORE
	)
