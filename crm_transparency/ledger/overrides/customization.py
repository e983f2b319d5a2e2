"""Handler for what customizes a DocType: fields, properties, names."""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.ledger.exceptions import LedgerEntryIsFinal
from crm_transparency.ledger.ledgers import SEAL, is_ledger


def validate(doc: Document, method: str | None = None) -> None:
	doctype = doc.get("doc_type") or doc.get("dt") or doc.get("document_type")
	if doctype == SEAL or is_ledger(doctype):
		frappe.throw(
			_(
				"{0} is a ledger and can't be customized: a changed field would change what its entries say."
			).format(frappe.bold(_(doctype))),
			exc=LedgerEntryIsFinal,
		)
