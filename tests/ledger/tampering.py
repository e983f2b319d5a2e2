"""Hands that reach around the framework into a ledger's tables, and sealed entries for them to reach for."""

from dataclasses import dataclass

import frappe
from frappe.utils import now_datetime

from crm_transparency.ledger import entries, seals, verification
from crm_transparency.ledger.report import Report

LEDGER = "Account Owner Change"


@dataclass
class Sealed:
	"""A block of entries and the name and number of its seal."""

	names: list[str]
	seal: str
	number: int


def seal_entries(count: int = 5) -> Sealed:
	names = [add_entry(number) for number in range(count)]
	seals.seal_new_entries()
	number = frappe.db.get_value(LEDGER, names[-1], "ledger_seal")
	return Sealed(names, frappe.db.get_value("Ledger Seal", {"number": number}), number)


def add_entry(number: int = 0, **values) -> str:
	"""Add an entry to the ledger of account owner changes and return its name."""
	entry = entries.add(
		LEDGER,
		**{
			"reference_doctype": "Customer",
			"reference_name": f"Harbour Books {number}",
			"account_title": f"Harbour Books {number}",
			"owner_field": "account_manager",
			"previous_owner": "ben@example.com",
			"new_owner": "ana@example.com",
			"changed_by": "ana@example.com",
			"changed_on": now_datetime(),
			"kind": "Taken Over",
			"source": "Form",
			**values,
		},
	)
	return entry.name


def behind_the_back(statement: str, *values) -> None:
	"""Execute SQL as somebody would who has the database's password."""
	frappe.db.sql(statement, values)


def alter(name: str, fieldname: str = "new_owner", value: str | int | None = "zoe@example.com") -> None:
	behind_the_back(f"update `tab{LEDGER}` set `{fieldname}` = %s where name = %s", value, name)


def remove(name: str, ledger: str = LEDGER) -> None:
	behind_the_back(f"delete from `tab{ledger}` where name = %s", name)


def rename(old: str, new: str) -> None:
	behind_the_back(f"update `tab{LEDGER}` set name = %s where name = %s", new, old)


def copy_as(name: str, new_name: str, **values) -> None:
	"""Insert a copy of an entry under another name, its mark included."""
	row = frappe.db.get_value(LEDGER, name, "*", as_dict=True) | {"name": new_name} | values
	columns = ", ".join(f"`{column}`" for column in row)
	placeholders = ", ".join(["%s"] * len(row))
	behind_the_back(f"insert into `tab{LEDGER}` ({columns}) values ({placeholders})", *row.values())


def verify(**options) -> Report:
	return verification.verify(**options)


def sentences(report: Report) -> list[str]:
	return [finding.sentence() for finding in report.findings]
