import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import EVERYBODY, ReadRule, quoted
from crm_transparency.ledger import names


def read_condition(user: str, doctype: str) -> str:
	"""Managers read a bundle, but none that somebody else made about themselves, which would tell how their leaving is looked at.

	Where it holds what only one role may know, only those of them who have that role. Bundles keep the names that people had
	when they were made, so whoever was renamed since is known by their former ones.
	"""
	if user == "Administrator":
		return EVERYBODY
	roles = ", ".join(quoted(role) for role in ["", *frappe.get_roles(user)])
	by_role = f"ifnull(`tab{doctype}`.`only_for_role`, '') in ({roles})"
	is_about, is_own = (
		names.is_about_as_sql(user, doctype, [field], "creation") for field in ("person", "asked_by")
	)
	return f"{by_role} and (not ({is_about}) or {is_own})"


class EvidenceBundle(Document):
	"""A bundle that a manager asked for. Written by `evidence`; people only read it, and delete it with its file."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		asked_by: DF.Data
		entry_count: DF.Int
		export_count: DF.Int
		export_log: DF.Data | None
		file: DF.Attach | None
		file_bytes: DF.Int
		file_sha256: DF.Data | None
		finished_on: DF.Datetime | None
		from_date: DF.Date
		full_name: DF.Data | None
		only_for_role: DF.Data | None
		person: DF.Data
		purpose: DF.SmallText | None
		status: DF.Literal["Queued", "Running", "Ready", "Failed"]
		to_date: DF.Date

	# end: auto-generated types

	read_rule = ReadRule(read_condition)
