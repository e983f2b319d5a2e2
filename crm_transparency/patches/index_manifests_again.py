"""The index of manifests keeps Roaring bitmaps now: what is there is dropped, and the hourly job makes it again."""

import frappe


def execute() -> None:
	frappe.db.delete("Export Manifest Block")
	frappe.db.set_value("Export Manifest", {"indexed": 1}, "indexed", 0, update_modified=False)
