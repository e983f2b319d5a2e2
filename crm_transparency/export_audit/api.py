"""What the Desk asks the export audit."""

from typing import TypedDict

import frappe

from crm_transparency.export_audit import manifests, notice

MOST_RECORDS_OF_A_PAGE = 500


class ManifestPage(TypedDict):
	total: int
	records: list[tuple[str, str]]


@frappe.whitelist(methods=["GET"])
def read_manifest(export_log: str) -> list[tuple[str, str]]:
	"""Return the records of an export, for managers and the person who made it; see `manifests.read`."""
	return manifests.read(export_log)


@frappe.whitelist(methods=["GET"])
def read_manifest_page(
	export_log: str, start: int = 0, length: int = 50, search: str | None = None
) -> ManifestPage:
	"""Return some of the records of an export, and how many there are; see `manifests.read_page`."""
	page = manifests.read_page(export_log, int(start), min(int(length), MOST_RECORDS_OF_A_PAGE), search)
	return ManifestPage(total=page.total, records=page.records)


@frappe.whitelist(methods=["GET"])
def read_export_notice() -> list[str]:
	"""Return what everybody is told before an export; see `notice.sentences`."""
	return notice.sentences()
