from frappe.model.document import Document
from frappe.utils import flt


def set_amounts(document: Document) -> None:
	"""Set each item's amount, in the document's and in the company's currency, from its quantity and rate."""
	rate = flt(document.conversion_rate) or 1.0
	for item in document.items:
		item.amount = flt(flt(item.qty) * flt(item.rate), item.precision("amount"))
		item.base_rate = flt(flt(item.rate) * rate, item.precision("base_rate"))
		item.base_amount = flt(item.amount * rate, item.precision("base_amount"))


def set_totals(document: Document) -> None:
	"""Set a Quotation's or Sales Order's amounts and totals. There are no taxes here: grand total = total."""
	set_amounts(document)
	document.total_qty = sum(flt(item.qty) for item in document.items)
	document.total = sum(item.amount for item in document.items)
	document.base_total = sum(item.base_amount for item in document.items)
	document.net_total = document.grand_total = document.total
	document.base_grand_total = document.base_total
