"""Ringers' records are compared with what is remembered of them: nobody's edits are written down any more."""

import frappe

JOURNAL = "Ringer Journal Entry"


def execute():
	frappe.delete_doc_if_exists("DocType", JOURNAL, force=True)
	frappe.db.sql_ddl("drop table if exists `tabRinger Journal Entry`")
