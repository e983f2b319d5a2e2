"""Quotations and orders, submitted."""

from datetime import date, timedelta

from frappe.model.document import Document

from embedded.demo_data import bulk
from embedded.demo_data.moments import at
from embedded.demo_data.plan import catalogue
from embedded.demo_data.plan.accounts import Customer
from embedded.demo_data.plan.everything import Plan
from embedded.demo_data.plan.sales import Order, Quotation
from embedded.demo_data.plan.staff import user_of
from embedded.demo_data.plan.workdays import moment, workday

SUBMITTED = 1


def write(plan: Plan, today: date, contacts: dict[str, str]) -> None:
	for entries, build in ((plan.sales.quotations, new_quotation), (plan.sales.orders, new_order)):
		documents = []
		for entry in sorted(entries, key=lambda entry: (-entry.back, entry.minute)):
			document = build(entry, today, contacts)
			with at(document.creation, document.owner):
				document.set_new_name()
			entry.document_name = document.name
			document.validate()
			document.docstatus = SUBMITTED
			documents.append(document)
		bulk.insert(documents, plan.source)


def new_quotation(quotation: Quotation, today: date, contacts: dict[str, str]) -> Document:
	day = workday(today, quotation.back)
	document = bulk.new(
		"Quotation",
		moment(today, quotation.back, quotation.minute),
		user_of(quotation.seller),
		quotation_to=quotation.party.doctype,
		party_name=quotation.party.document_name,
		opportunity=quotation.opportunity.document_name,
		transaction_date=day,
		valid_till=day + timedelta(days=35),
		status=quotation.status,
		territory=quotation.party.territory,
		**common(quotation.party, contacts),
	)
	add_lines(document, quotation.lines)
	return document


def new_order(order: Order, today: date, contacts: dict[str, str]) -> Document:
	day = workday(today, order.back)
	completed = order.status == "Completed"
	document = bulk.new(
		"Sales Order",
		moment(today, order.back, order.minute),
		user_of(order.seller),
		customer=order.customer.document_name,
		customer_name=order.customer.title,
		transaction_date=day,
		delivery_date=day + timedelta(days=30),
		status=order.status,
		delivery_status="Fully Delivered" if completed else "Not Delivered",
		billing_status="Fully Billed" if completed else "Not Billed",
		customer_group=order.customer.group,
		territory=order.customer.territory,
		**common(order.customer, contacts),
	)
	add_lines(document, order.lines)
	for item in document.items:
		item.delivery_date = document.delivery_date
		item.prevdoc_docname = order.quotation.document_name if order.quotation else None
	return document


def common(party, contacts: dict[str, str]) -> dict:
	"""What quotations and orders have in common."""
	values = {
		"company": catalogue.COMPANY,
		"currency": catalogue.CURRENCY,
		"conversion_rate": 1.0,
		"order_type": "Sales",
	}
	if isinstance(party, Customer):
		contact = party.contacts[0]
		values |= {
			"contact_person": contacts[contact.email],
			"contact_display": contact.full_name,
			"contact_email": contact.email,
			"contact_mobile": contact.mobile,
		}
	return values


def add_lines(document: Document, lines: list[tuple[str, int, int]]) -> None:
	for code, issues, price in lines:
		document.append(
			"items", {"item_code": code, "item_name": code, "qty": issues, "uom": "Nos", "rate": price}
		)
