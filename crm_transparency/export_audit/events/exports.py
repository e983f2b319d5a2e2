"""Exports, among them backups, and mails that carried files to the outside."""

import frappe
from frappe import _
from frappe.utils import get_datetime

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit import listed
from crm_transparency.export_audit.events import addresses
from crm_transparency.export_audit.events.event import BACKUP, EXPORT, MAIL, Event
from crm_transparency.export_audit.exports import BACKUP_DOWNLOAD, EMAIL_ATTACHMENT, LEDGER, SCHEDULED_REPORT
from crm_transparency.ledger import people

FIELDS = (*listed.FIELDS, "recipients", "file_name")


def of(user: str, period: Period) -> list[Event]:
	log = listed.table()
	query = frappe.qb.from_(log).select(*(log[field] for field in FIELDS))
	query = query.where(listed.is_person(user) & period.contains(log.exported_on))
	rows = query.run(as_dict=True)
	called = people.full_names(
		person for row in rows if row.impersonated_by for person in (row.user, row.impersonated_by)
	)
	own = addresses.own()
	return [event_of(row, addresses.outside(row.recipients, own), called) for row in rows]


def event_of(export: frappe._dict, outside: list[str], called: dict[str, str]) -> Event:
	sentence = sentence_of(export, outside)
	if export.impersonated_by:
		sentence = _("{0}: {1}").format(
			listed.person_name(export.user, export.impersonated_by, called), sentence
		)
	return Event(
		kind_of(export, outside),
		get_datetime(export.exported_on),
		sentence,
		LEDGER,
		export.name,
		export.row_count,
	)


def kind_of(export: frappe._dict, outside: list[str]) -> str:
	if export.channel == BACKUP_DOWNLOAD:
		return BACKUP
	return MAIL if is_mailed(export) and outside else EXPORT


def is_mailed(export: frappe._dict) -> bool:
	return export.channel in (EMAIL_ATTACHMENT, SCHEDULED_REPORT)


def sentence_of(export: frappe._dict, outside: list[str]) -> str:
	what = listed.what(export)
	if export.channel == BACKUP_DOWNLOAD:
		return _("Downloaded a backup")
	if is_mailed(export) and outside:
		return _("Mailed a file ({0}) to {1}").format(what, ", ".join(outside))
	sentence = _("{0}: {1}, {2} rows") if export.row_count != 1 else _("{0}: {1}, {2} row")
	sentence = sentence.format(_(export.channel), what, f"{export.row_count:,}")
	return _("{0}, for: {1}").format(sentence, export.purpose) if export.purpose else sentence
