"""What is tracked: which DocTypes are accounts, and which of their fields holds the account owner.

Settings are the truth. What is made of them stays in the process, and in the site's cache for new processes: a request
only asks whether there is a newer version of them (on v16 without a trip to Redis), and from then on asking costs a dict
look-up: `doc_events["*"]` asks for every document that anybody saves.

Saving the settings or a DocType makes a new version at once. Deleting a DocType or customizing a field runs no hook in
Frappe (v15 and v16), so what is cached also expires by itself.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

SETTINGS = "CRM Transparency Settings"
# what is cached in another shape gets another key: during an update, processes of the old version fill the cache, too
CACHE_KEY = "crm_transparency:tracked_doctypes"
AUDIT_CACHE_KEY = "crm_transparency:audited"
RESTRICTIONS_CACHE_KEY = "crm_transparency:restrictions"
LINKS_CACHE_KEY = "crm_transparency:links_between_doctypes"
#: of everything that is read off the settings and DocTypes
CACHE_KEYS = (CACHE_KEY, AUDIT_CACHE_KEY, RESTRICTIONS_CACHE_KEY, LINKS_CACHE_KEY)
CACHE_SECONDS = 60

#: of the settings; in the site's cache, and anew with every change
VERSION_KEY = "crm_transparency:version_of_settings"


class Copy(NamedTuple):
	value: Any
	version: str
	#: by the process's clock
	expires_at: float


#: what `cached` keeps in the process, by site and key
_copies: dict[tuple[str, str], Copy] = {}


class TrackedDocType(TypedDict):
	owner_field: str
	title_field: str | None
	territory_field: str | None


def tracked_doctypes() -> dict[str, TrackedDocType]:
	"""Return the tracked DocTypes by name, without those that don't exist (any more) or lost their owner field."""
	return cached(CACHE_KEY, _read_settings)


def cached(key: str, read: Callable[[], Any]) -> Any:
	"""Return what `read` makes of the settings, from the request's cache, the process, the site's, or by reading anew.

	`key` is one of CACHE_KEYS, which change with the settings and with DocTypes. What the process holds counts only while
	the site's version is the one that it was read with. Callers don't change the value.
	"""
	try:
		return frappe.local.cache[key]
	except KeyError:
		value = frappe.local.cache[key] = _from_process(key, read)
		return value


def is_tracked(doctype: str) -> bool:
	return doctype in tracked_doctypes()


def owner_field(doctype: str) -> str | None:
	"""Return the name of the field that holds the account owner, or None if the DocType isn't tracked."""
	tracked = tracked_doctypes().get(doctype)
	return tracked["owner_field"] if tracked else None


def title_field(doctype: str) -> str | None:
	"""Return the name of the field that holds what people call the account, or None if there is none."""
	fieldname = tracked_doctypes()[doctype]["title_field"] or frappe.get_meta(doctype).title_field
	return fieldname if fieldname and has_column(doctype, fieldname) else None


def baseline_written_on(doctype: str) -> datetime | None:
	"""Return since when every account of the DocType is in the ledger; None while that isn't so."""
	return frappe.db.get_value("Tracked Document Type", _row_of(doctype), "baseline_written_on")


def note_baseline(doctype: str) -> None:
	"""Write down that from now on every account of the DocType is in the ledger."""
	frappe.db.set_value("Tracked Document Type", _row_of(doctype), "baseline_written_on", now_datetime())


def _row_of(doctype: str) -> dict:
	return {"parent": SETTINGS, "parenttype": SETTINGS, "document_type": doctype}


def forget() -> None:
	"""Read the settings anew from now on, here and in every other process.

	Another process may fill the cache from the old settings until this transaction ends, so it is emptied then
	once more.
	"""
	_empty_cache()
	frappe.db.after_commit.add(_empty_cache)
	frappe.db.after_rollback.add(_empty_cache)


def _empty_cache() -> None:
	for key in CACHE_KEYS:
		_copies.pop((frappe.local.site, key), None)
		frappe.local.cache.pop(key, None)
		frappe.cache.delete_value(key)
	getattr(frappe, "client_cache", frappe.cache).delete_value(VERSION_KEY)


def _from_process(key: str, read: Callable[[], Any]) -> Any:
	moment, place = time.monotonic(), (frappe.local.site, key)
	copy, version = _copies.get(place), _version()
	if copy and copy.version == version and moment < copy.expires_at:
		return copy.value
	value = _from_site_cache(key, read)
	_copies[place] = Copy(value, version, moment + CACHE_SECONDS)
	return value


def _version() -> str:
	"""Return the version of the settings; asked for once per request."""
	cache = getattr(
		frappe, "client_cache", frappe.cache
	)  # v16 keeps it in the process and is told when it changes
	version = cache.get_value(VERSION_KEY)
	if not version:
		version = frappe.generate_hash(length=16)
		cache.set_value(VERSION_KEY, version)
	return version


def _from_site_cache(key: str, read: Callable[[], Any]) -> Any:
	value = frappe.cache.get_value(key, expires=True)
	if value is None:
		value = read()
		frappe.cache.set_value(key, value, expires_in_sec=CACHE_SECONDS)
	return value


def has_owner_field(doctype: str, fieldname: str) -> bool:
	"""Return whether `fieldname` of `doctype` can hold an account owner, that is, whether it's a link to a user."""
	field = frappe.get_meta(doctype).get_field(fieldname)
	is_link_to_user = bool(field) and field.fieldtype == "Link" and field.options == "User"
	return is_link_to_user and has_column(doctype, fieldname)


def has_column(doctype: str, fieldname: str) -> bool:
	"""Return whether documents keep a value of their own in the field: sections, tables and virtual fields keep none."""
	return column_of(doctype, fieldname) is not None


def column_of(doctype: str, fieldname: str) -> Document | None:
	"""Return the field, None if documents keep no value of their own in it."""
	meta = frappe.get_meta(doctype)
	field = meta.get_field(fieldname)
	is_column = field and not field.get("is_virtual") and fieldname in meta.get_valid_columns()
	return field if is_column else None


def is_trackable(doctype: str) -> bool:
	"""Return whether documents of `doctype` can be accounts.

	Child tables, Singles and virtual DocTypes have no documents of their own. The app's own don't change hands, and
	some of them, such as Coaching Note, must not show up in a ledger that everyone reads.
	"""
	meta = frappe.get_meta(doctype)
	is_ours = meta.module in frappe.get_module_list("crm_transparency")
	return not (meta.istable or meta.issingle or meta.get("is_virtual") or is_ours)


def _read_settings() -> dict[str, TrackedDocType]:
	if not frappe.db.exists("DocType", "Tracked Document Type"):
		return {}  # while the app is uninstalled, Frappe runs its hooks some moments longer than its DocTypes live
	rows = frappe.get_all(
		"Tracked Document Type",
		filters={"parent": SETTINGS, "parenttype": SETTINGS, "enabled": 1},
		fields=["document_type", "owner_field", "title_field", "territory_field"],
		order_by="idx",
	)
	return {
		row.document_type: TrackedDocType(
			owner_field=row.owner_field,
			title_field=row.title_field or None,
			territory_field=row.territory_field or None,
		)
		for row in rows
		if frappe.db.exists("DocType", row.document_type)
		and is_trackable(row.document_type)
		and has_owner_field(row.document_type, row.owner_field)
	}


def extend_bootinfo(bootinfo: frappe._dict) -> None:
	"""Put into the Desk's boot info what its scripts need: where the strip belongs, how long a pattern's period is."""
	bootinfo.crm_transparency = {
		"tracked_doctypes": tracked_doctypes(),
		"pattern_days": frappe.db.get_single_value(SETTINGS, "pattern_days"),
	}
