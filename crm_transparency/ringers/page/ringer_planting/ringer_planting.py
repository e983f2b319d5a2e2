"""What the page Ringer Planting asks the server. Ringer Managers only."""

import frappe
from frappe.utils import cstr

from crm_transparency.crm_transparency import requested
from crm_transparency.ringers import (
	drafts,
	fiction,
	identities,
	planting,
	record_changes,
	retiring,
	ringer_coverage,
)
from crm_transparency.ringers.doctype.ringer_settings import ringer_settings
from crm_transparency.ringers.drafts import Wish
from crm_transparency.ringers.secrecy import decrypted, ringer_managers_only
from crm_transparency.ringers.surroundings import Place


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def overview() -> dict:
	"""Return all that the page shows: coverage and a proposal, drafts, ringers, news, and what stands in the way."""
	record_changes.find_changes()
	patterns = ringer_settings.address_patterns()
	return {
		"has_patterns": bool(patterns),
		"warnings": fiction.warnings_about(patterns),
		"coverage": ringer_coverage.overview(),
		"drafts": [shown(ringer) for ringer in drafts.planned()],
		"ringers": [shown(ringer) for ringer in in_the_crm_once()],
		"export_rows": frappe.db.count(identities.RINGER, {"planted_as": identities.EXPORT_ROW}),
		"news": record_changes.unseen_notices(),
	}


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def draft(
	count: int,
	planted_as: str = "Contact",
	territory: str | None = None,
	customer_group: str | None = None,
	account_owner: str | None = None,
	lists: list | str | None = None,
	in_newsletters: bool | int = True,
	with_address: bool | int = True,
	only_recent: bool | int = False,
	watched_by: str | None = None,
) -> list[dict]:
	"""Invent ringers for a place and return the drafts."""
	place = Place.of(
		{
			"territory": territory,
			"customer_group": customer_group,
			"account_owner": account_owner,
			"lists": requested.names(lists or []),
		}
	)
	wish = Wish(
		count=count,
		planted_as=planted_as,
		place=place,
		in_newsletters=bool(in_newsletters),
		with_address=bool(with_address),
		only_recent=bool(only_recent),
		watched_by=watched_by,
	)
	return [shown(ringer) for ringer in drafts.draft(wish)]


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def draft_proposal(in_newsletters: bool | int = True, only_recent: bool | int = False) -> list[dict]:
	"""Invent the ringers that the coverage plan proposes and return the drafts."""
	made = []
	for corner in ringer_coverage.propose(ringer_coverage.Coverage())[: drafts.MOST_AT_ONCE]:
		wish = Wish(
			count=1,
			place=Place.of(corner),
			host=ringer_coverage.host_in(corner),
			in_newsletters=bool(in_newsletters),
			only_recent=bool(only_recent),
		)
		made += drafts.draft(wish)
	return [shown(ringer) for ringer in made]


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def change_draft(ringer: str, values: dict | str) -> dict:
	drafts.change(ringer, {field: cstr(value) for field, value in requested.values(values).items()})
	return shown(ringer)


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def discard(ringers: list | str) -> None:
	for ringer in requested.names(ringers):
		drafts.discard(ringer)


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def plant(ringers: list | str) -> list[dict]:
	return [shown(ringer) for ringer in planting.plant(requested.names(ringers))]


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def retire(ringer: str, take_out: bool | int = False) -> None:
	record_changes.find_changes()
	retiring.retire(ringer, bool(take_out))


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def dismiss(notice: str) -> None:
	record_changes.dismiss(notice)


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def labels(ringers: list | str) -> dict[str, str]:
	"""Return what the list calls each ringer."""
	return identities.called(requested.names(ringers))


def in_the_crm_once() -> list[str]:
	"""Return the ringers that are, or were, records of the CRM."""
	filters = {"status": ("in", identities.RINGING), "planted_as": ("!=", identities.EXPORT_ROW)}
	return frappe.get_all(identities.RINGER, filters=filters, pluck="name", order_by="status, name")


def shown(ringer: str) -> dict:
	"""Return what the page shows of a ringer."""
	document = frappe.get_doc(identities.RINGER, ringer)
	identity = identities.identity_of(document)
	placement = identity.placement
	return {
		"name": ringer,
		"status": identity.status,
		"planted_as": identity.planted_as,
		"planted_on": identity.planted_on,
		"full_name": identity.full_name,
		"email": identity.email,
		"phone": identity.phone,
		"contact": identity.contact,
		"at": placement.get("company") or title_of(placement.get("host")),
		"designation": placement.get("designation"),
		"city": (placement.get("address") or {}).get("city"),
		"where": [
			placement.get(part)
			for part in ("territory", "customer_group", "account_owner")
			if placement.get(part)
		],
		"lists": placement.get("lists") or [],
		"watched_by": decrypted(document, "watched_by"),
		"story": decrypted(document, "story"),
	}


def title_of(customer: str | None) -> str | None:
	return (frappe.db.get_value("Customer", customer, "customer_name") or customer) if customer else None
