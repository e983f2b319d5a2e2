"""Where ringers can be planted: among the customers of a territory, a group or an account owner, and on lists."""

import secrets
from collections.abc import Iterable
from typing import NamedTuple

import frappe
from frappe.utils.nestedset import get_descendants_of

from crm_transparency.crm_transparency import registry

CUSTOMER = "Customer"
LIST = "Email Group"
#: how many of a place's customers are looked at
MOST_CUSTOMERS = 2000


class Place(NamedTuple):
	"""What a ringer's surroundings have in common; None stands for anywhere."""

	territory: str | None = None
	customer_group: str | None = None
	account_owner: str | None = None
	lists: tuple[str, ...] = ()

	@classmethod
	def of(cls, values: dict) -> "Place":
		return cls(
			values.get("territory") or None,
			values.get("customer_group") or None,
			values.get("account_owner") or None,
			tuple(sorted(set(values.get("lists") or ()))),
		)

	def as_dict(self) -> dict:
		return {**self._asdict(), "lists": list(self.lists)}


def customers_in(place: Place) -> list[str]:
	"""Return some of a place's customers in no order, at most MOST_CUSTOMERS."""
	customers = frappe.get_all(
		CUSTOMER, filters=filters_of(place), pluck="name", limit=MOST_CUSTOMERS * 5, order_by=None
	)
	return sample(customers, MOST_CUSTOMERS)


def filters_of(place: Place) -> dict:
	filters: dict = {"disabled": 0}
	for field, doctype in (("territory", "Territory"), ("customer_group", "Customer Group")):
		branch = getattr(place, field)
		if branch:
			below = get_descendants_of(doctype, branch, ignore_permissions=True)
			filters[field] = ("in", [branch, *below])
	if place.account_owner:
		filters[owner_field(CUSTOMER)] = place.account_owner
	return filters


def owner_field(doctype: str) -> str:
	return registry.owner_field(doctype) or {"Customer": "account_manager", "Lead": "lead_owner"}[doctype]


def lists() -> list[str]:
	"""Return the lists of addresses that mailings go to."""
	return frappe.get_all(LIST, pluck="name", order_by="name") if frappe.db.exists("DocType", LIST) else []


def sample(items: Iterable[str], size: int) -> list[str]:
	"""Return at most `size` of the items, at random, in random order."""
	items = list(items)
	return secrets.SystemRandom().sample(items, min(size, len(items)))
