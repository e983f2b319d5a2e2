"""How many documents a list shows its reader, counted by the database and not by fetching them."""

from typing import Any

import frappe

from crm_transparency.crm_transparency.permission_results import IS_V15


def listed_count(doctype: str, filters: dict | list | str | None = None) -> int:
	"""Return how many documents of `doctype` fulfil `filters`, also as JSON, that the session's user may read.

	Raises frappe.PermissionError for users who may read none.
	"""
	[[count]] = query_of_count(doctype, frappe.parse_json(filters))
	return count


def query_of_count(doctype: str, filters: dict | list | None, **asked: Any) -> Any:
	"""Ask `frappe.get_list` for one row with the count; with `run=False` for the query (text on v15, pypika's on v16).

	`asked`: what `frappe.get_list` knows besides, such as another `user`.
	"""
	count = f"count(`tab{doctype}`.`name`) as listed" if IS_V15 else {"COUNT": "name", "as": "listed"}
	return frappe.get_list(doctype, fields=[count], filters=filters, order_by=None, as_list=True, **asked)
