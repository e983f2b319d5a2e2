"""Users and accounts for tests: real documents, made the way people make them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.model.document import Document


def make_user(first_name: str = "Robin", *roles: str, user_type: str = "System User") -> str:
	"""Create a user and return its name. Without roles the user is a Sales User; a website user gets none.

	Most tests begin with some, so they do without what Frappe does once a user is stored: a share of the own record, a
	contact, clearing what is cached of a user who wasn't there before.
	"""
	if user_type == "System User" and not roles:
		roles = ("Sales User",)
	user = frappe.get_doc(
		doctype="User",
		email=f"{first_name.lower()}.{secrets.token_hex(4)}@example.com",
		first_name=first_name,
		user_type=user_type,
		send_welcome_email=0,
	)
	user.append_roles(*roles)
	user.on_update = lambda: None
	return user.insert(ignore_permissions=True).name


def full_name(user: str) -> str:
	"""Return what people call a user. ERPNext adds an employee's last name to it."""
	return frappe.db.get_value("User", user, "full_name")


def make_customer(account_manager: str | None = None, title: str = "Harbour Books", **values) -> Document:
	return frappe.get_doc(
		doctype="Customer",
		customer_name=f"{title} {secrets.token_hex(4)}",
		customer_type="Company",
		customer_group=first_leaf("Customer Group"),
		territory=first_leaf("Territory"),
		account_manager=account_manager,
		**values,
	).insert()


def make_lead(lead_owner: str | None = None, **values) -> Document:
	return frappe.get_doc(
		doctype="Lead",
		first_name="Lena",
		last_name=secrets.token_hex(4),
		company_name="Lighthouse Print",
		lead_owner=lead_owner,
		**values,
	).insert()


def first_leaf(doctype: str) -> str:
	return frappe.get_all(doctype, filters={"is_group": 0}, pluck="name", order_by="creation", limit=1)[0]


def history(account: Document) -> list[frappe._dict]:
	"""Return the account's ledger entries, oldest first."""
	return frappe.get_all(
		"Account Owner Change",
		filters={"reference_doctype": account.doctype, "reference_name": account.name},
		fields=["*"],
		order_by="changed_on, name",
	)


@contextmanager
def acting_as(user: str) -> Iterator[None]:
	"""Work as `user` within a with block."""
	previous = frappe.session.user
	frappe.set_user(user)
	try:
		yield
	finally:
		frappe.set_user(previous)
