"""Where ringers can be planted, and the records around them: a ringer takes from them whatever could make it stand out.

Who made it, when, who changed it last and when; which fields people here fill, with what; how they write numbers. Models
are real records that nobody left traces at: a record that was changed has a version that says so, and a ringer hasn't.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import frappe
from frappe.model import data_fieldtypes
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime
from frappe.utils.nestedset import get_descendants_of

from crm_transparency.crm_transparency import registry
from crm_transparency.ringers import identities

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


# The records around

#: what counts as recent, where somebody asks for ringers that were made recently
RECENT = timedelta(days=14)

#: how many records are looked at
MOST = 300
#: fewer around tell too little about what is usual, so all of the DocType count
FEWEST = 5
#: how much later than its model a record can have been made
LONGEST_STEP = timedelta(minutes=45)
#: where the records around say who made a record, and where a timeline would say that it was changed
TRACES = (("Version", "ref_doctype", "docname"), ("Comment", "reference_doctype", "reference_name"))

# fields whose values people choose from what there is, so many records have the same
ALIKE_FIELDTYPES = ("Link", "Select", "Check")
# … but these say something about one record only
NEVER_ALIKE = {
	"Contact": {
		*("is_primary_contact", "is_billing_contact", "unsubscribed", "status", "gender", "salutation"),
	},
	"Customer": {
		*("is_internal_customer", "represents_company", "disabled", "is_frozen", "gender", "salutation"),
		"customer_type",
	},
	"Lead": {"status", "qualification_status", "disabled", "unsubscribed", "gender", "salutation"},
	"Address": {"is_primary_address", "is_shipping_address", "disabled", "address_type"},
}
LINKS_TO_ONE = {
	*("Account", "Address", "Bank Account", "Contact", "Customer", "Google Contacts"),
	*("Lead", "Opportunity", "Prospect", "Quotation", "Supplier", "User"),
}


class Looks(NamedTuple):
	"""What lists and forms say about who made a record and when."""

	owner: str
	creation: datetime
	modified_by: str
	modified: datetime


def contacts_around(place: Place) -> list[frappe._dict]:
	"""Return real contacts of the customers of a place; of everywhere, if there are too few."""
	customers = customers_in(place)
	links = frappe.get_all(
		"Dynamic Link",
		filters={"parenttype": "Contact", "link_doctype": CUSTOMER, "link_name": ("in", customers or [""])},
		pluck="parent",
		limit=MOST * 10,
		order_by=None,
	)
	found = real("Contact", sample(set(links), MOST))
	return found if len(found) >= FEWEST else records_around("Contact", Place())


def records_around(doctype: str, place: Place) -> list[frappe._dict]:
	"""Return real customers, leads, contacts or addresses."""
	filters = filters_of(place) if doctype == CUSTOMER else {}
	if doctype == "Lead" and place.territory:
		filters = {"territory": filters_of(place)["territory"]}
	names = frappe.get_all(doctype, filters=filters, pluck="name", limit=MOST * 20, order_by=None)
	found = real(doctype, sample(names, MOST))
	if len(found) < FEWEST and filters:
		names = frappe.get_all(doctype, pluck="name", limit=MOST * 20, order_by=None)
		found = real(doctype, sample(names, MOST))
	return found


def real(doctype: str, names: list[str]) -> list[frappe._dict]:
	"""Return the records without ringers, and, where there are enough, without those that left traces."""
	ringers = identities.records_among(doctype, names) if names else set()
	names = [name for name in names if name not in ringers]
	if not names:
		return []
	traced = {name for trace in TRACES for name in traced_by(trace, doctype, names)}
	untraced = [name for name in names if name not in traced]
	chosen = untraced if len(untraced) >= FEWEST else names
	rows = frappe.get_all(doctype, filters={"name": ("in", chosen)}, fields=["*"], order_by=None)
	for row in rows:
		row.is_traced = row.name in traced
	return rows


def traced_by(trace: tuple[str, str, str], doctype: str, names: list[str]) -> list[str]:
	log, doctype_field, name_field = trace
	return frappe.get_all(log, filters={doctype_field: doctype, name_field: ("in", names)}, pluck=name_field)


def any_of(records: list[frappe._dict]) -> frappe._dict:
	return secrets.choice(records) if records else frappe._dict()


def any_with_an_address(records: list[frappe._dict]) -> frappe._dict:
	"""Return one with an email address, as every ringer has one; any, if there is none."""
	return any_of([record for record in records if record.email_id] or records)


def number_field(records: list[frappe._dict]) -> str:
	"""Return where people here write a number: whoever has none doesn't say."""
	model = any_of([record for record in records if record.mobile_no or record.phone])
	return "phone" if model and not model.mobile_no else "mobile_no"


def earliest(placement: dict) -> datetime | None:
	"""Return the moment after which a ringer has to have been made: older copies of the data don't hold it."""
	return now_datetime() - RECENT if placement.get("only_recent") else None


def looks_like(records: list[frappe._dict], since: datetime | None = None) -> Looks | None:
	"""Return looks as one of the records has them, a few minutes apart, after `since`; None if none is that young."""
	young = [record for record in records if not since or get_datetime(record.creation) >= since]
	if not young:
		return None
	model = secrets.choice(young)
	creation = shortly_after(
		get_datetime(model.creation), [get_datetime(record.creation) for record in records]
	)
	if model.is_traced:
		return Looks(model.owner, creation, model.owner, creation)
	unchanged_for = get_datetime(model.modified) - get_datetime(model.creation)
	if unchanged_for <= timedelta():
		return Looks(model.owner, creation, model.owner, creation)
	modified = min(creation + unchanged_for * (0.5 + secrets.randbelow(1000) / 1000), now_datetime())
	return Looks(model.owner, creation, model.modified_by, as_precise(modified, get_datetime(model.modified)))


def looks_after(record: frappe._dict, longest: timedelta = timedelta(minutes=12)) -> Looks:
	"""Return the looks of something that the same person made within minutes after a record."""
	creation = get_datetime(record.creation)
	moment = as_precise(between(creation, min(creation + longest, now_datetime())), creation)
	return Looks(record.owner, moment, record.owner, moment)


def looks_of_the_newest(records: list[frappe._dict], doctype: str) -> Looks:
	"""Return looks for a record whose number shows that it is the newest: made since the one before, at a usual hour."""
	newest = frappe.get_all(doctype, fields=["creation"], order_by="creation desc", limit=1)
	now = now_datetime()
	since = get_datetime(newest[0].creation) if newest else now - timedelta(hours=1)
	if not records:
		return Looks("Administrator", now, "Administrator", now)
	owner = secrets.choice(records).owner
	for _attempt in range(50):
		hour = get_datetime(secrets.choice(records).creation)
		day = between(since, now)
		moment = day.replace(hour=hour.hour, minute=hour.minute, second=secrets.randbelow(60))
		if since < moment < now:
			return Looks(owner, moment, owner, moment)
	moment = between(since, now)
	return Looks(owner, moment, owner, moment)


def shortly_after(moment: datetime, others: list[datetime]) -> datetime:
	"""Return a moment after one record was made and before the next one was."""
	next_one = min((other for other in others if other > moment), default=now_datetime())
	return as_precise(between(moment, min(next_one, moment + LONGEST_STEP, now_datetime())), moment)


def between(start: datetime, end: datetime) -> datetime:
	microseconds = max(2, int((end - start) / timedelta(microseconds=1)))
	return start + timedelta(microseconds=1 + secrets.randbelow(microseconds - 1))


def as_precise(moment: datetime, model: datetime) -> datetime:
	"""Drop the fractions of seconds if the model has none, as after imports from elsewhere."""
	return moment.replace(microsecond=0) if model.microsecond == 0 else moment


def fields_alike(doctype: str, model: frappe._dict) -> dict:
	"""Return what a record can have in common with its model without being about the same customer or person."""
	return {
		field.fieldname: model.get(field.fieldname)
		for field in frappe.get_meta(doctype).fields
		if field.fieldtype in ALIKE_FIELDTYPES
		and field.fieldname not in NEVER_ALIKE.get(doctype, ())
		and not (field.fieldtype == "Link" and field.options in LINKS_TO_ONE)
		and model.get(field.fieldname) not in (None, "")
	}


def leave_empty_alike(document: Document, model: frappe._dict) -> None:
	"""Let fields be empty as they are in the model: Frappe leaves some of them null, and empties others."""
	for field in document.meta.fields:
		if field.fieldtype in data_fieldtypes and not document.get(field.fieldname):
			if model.get(field.fieldname, 0) in (None, ""):
				document.set(field.fieldname, model[field.fieldname])
	if document.get("email_id") and document.meta.has_field("image"):
		document.image = no_picture_alike(model)


def no_picture_alike(model: frappe._dict) -> str | None:
	"""Return how records with an email address say that they have no picture.

	Saving one looks for a picture by its address, and finding none leaves the field empty. What was written past
	documents, by an import in bulk, leaves it null; so does a record without an address, which says nothing here.
	"""
	return None if model.email_id and model.image is None else ""
