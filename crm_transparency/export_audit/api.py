"""What the Desk asks the export audit."""

import frappe

from crm_transparency.export_audit import manifests


@frappe.whitelist(methods=["GET"])
def read_manifest(export_log: str) -> list[tuple[str, str]]:
	"""Return the records of an export, for managers and the person who made it; see `manifests.read`."""
	return manifests.read(export_log)
