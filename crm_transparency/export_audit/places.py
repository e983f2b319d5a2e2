"""The places in Frappe's own code at which the export audit stands, because no hook is called there.

They are taken when a request or a job begins, in every process, and again if another app put a function of its own in
one of them meanwhile. What stands there calls what was there before.
"""

from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import frappe
import frappe.app
from frappe.core.doctype.data_export.exporter import DataExporter
from frappe.core.doctype.report.report import Report
from frappe.desk import query_report
from frappe.email.doctype.auto_email_report.auto_email_report import AutoEmailReport

from crm_transparency.export_audit import gate, purposes, traceable, witness
from crm_transparency.export_audit.ways_out import scheduled_reports

IS_WATCHED = "crm_transparency_is_watched"
#: Frappe v15 has the first of these, v16 both
LISTS = ("frappe.model.db_query", "frappe.model.qb_query")


class Place(NamedTuple):
	owner: object
	function: str
	watcher: Callable[[Callable], Callable]


@cache
def places() -> tuple[Place, ...]:
	return (
		*(Place(query, "execute", witness.watch_list) for query in list_queries()),
		Place(Report, "get_data", witness.watch_report),
		Place(query_report, "build_xlsx_data", witness.watch_report_file),
		Place(AutoEmailReport, "send", scheduled_reports.watch_sending),
		Place(AutoEmailReport, "get_report_content", scheduled_reports.watch_content),
		Place(DataExporter, "add_data_row", traceable.watch_data_row),
		Place(frappe, "enqueue", lambda enqueue: purposes.handing_on(enqueue, gate.current_purpose)),
		Place(frappe.app, "process_response", gate.watch_response),
	)


def list_queries() -> list[type]:
	"""Return the classes that ask for lists."""
	return [import_module(module).DatabaseQuery for module in LISTS if find_spec(module)]


def take() -> None:
	for place in places():
		stand_at(place)


def stand_at(place: Place) -> None:
	found = getattr(place.owner, place.function)
	if not getattr(found, IS_WATCHED, False):
		watched = wraps(found)(place.watcher(found))
		setattr(watched, IS_WATCHED, True)
		setattr(place.owner, place.function, watched)
