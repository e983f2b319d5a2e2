"""Writing a document's rows as if they had been written when the document says that it was made."""

import base64
import re
import secrets
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import frappe
from frappe.model import naming
from frappe.model.document import Document
from frappe.utils import get_datetime, get_system_timezone

from crm_transparency.ringers.planting.neighbours import Looks

#: where versions of Frappe write the moment into random names, and in how many characters: tenths of seconds, which
#: begin anew after so many; before it may stand a character that all names of one request share
PLACES_OF_THE_MOMENT = ((0, 4), (1, 3), (0, 3))
OF_REQUESTS = "0123456789abcdef"
TITLES = ("customer_name", "lead_name", "address_title", "full_name", "first_name")


def new(doctype: str) -> Document:
	"""Return a new document with the defaults that are the same for everybody."""
	document = frappe.get_doc(doctype=doctype)
	for field in document.meta.fields:
		default = field.default
		if default and not default.startswith(("__", ":")) and default not in ("Today", "Now", "now"):
			document.set(field.fieldname, default)
	return document


def name(document: Document) -> None:
	"""Name a new document as Frappe would: by its fields, its series, a rule, or at random."""
	document.set("__islocal", 1)
	naming.set_new_name(document)


def is_numbered(document: Document) -> bool:
	"""Say whether the name counts up, so that it tells when the document was made."""
	titles = [document.get(title) for title in TITLES if document.get(title)]
	return bool(re.search(r"\d+$", str(document.name))) and not any(
		title in str(document.name) for title in titles
	)


def write(document: Document, looks: Looks) -> None:
	"""Insert a named document and its tables, without hooks, with the looks in every row."""
	request = secrets.choice(OF_REQUESTS)
	document.update(looks._asdict())
	if is_random(document):
		document.name = random_name(looks.creation, request)
	document.db_insert()
	for row in document.get_all_children():
		row.update({**looks._asdict(), "parent": document.name, "parenttype": document.doctype})
		row.name = random_name(looks.creation, request)
		row.db_insert()
	document.set("__islocal", 0)


def is_random(document: Document) -> bool:
	is_made_of_fields = any(document.get(title) == document.name for title in TITLES)
	return bool(re.fullmatch(r"[0-9a-v]{10}", str(document.name))) and not is_made_of_fields


def random_name(moment: datetime, request: str) -> str:
	"""Return a random name, as this version of Frappe would have made it at a moment."""
	name = naming.make_autoname("hash")
	just_now = int(time.time() * 10)
	for start, length in PLACES_OF_THE_MOMENT:
		moments = {encoded(just_now - back, length) for back in range(20)}
		if name[start : start + length] in moments:
			return request[:start] + encoded(tenths(moment), length) + name[start + length :]
	return name


def tenths(moment: datetime) -> int:
	"""Return how many tenths of seconds a moment in the site's time zone is after 1970."""
	local = get_datetime(moment).replace(tzinfo=ZoneInfo(get_system_timezone()))
	return int(local.timestamp() * 10)


def encoded(tenths: int, length: int) -> str:
	return base64.b32hexencode((tenths % 32**4).to_bytes(5, "big")).decode()[-length:].lower()
