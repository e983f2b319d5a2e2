"""The response recorder: before a response goes, what leaves in it is recorded. If it can't be, it doesn't go.

It runs before Frappe's `process_response`, which is called for every response, after all hooks. An `after_request` hook
wouldn't do: Frappe calls these one after the other and stops at the first that raises, so another app's failing hook could
keep ours from being called, and the response goes out all the same.
"""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.desk import reportview
from frappe.utils import cint
from werkzeug.wrappers import Response

from crm_transparency.crm_transparency import patching, requested
from crm_transparency.export_audit import bulk_reads, exports, query_recorder, traceable
from crm_transparency.export_audit.export_channels import BY_COMMAND, channel_of
from crm_transparency.export_audit.query_recorder import QueryRecorder

#: a form parameter: what an export is for, as the person said
PURPOSE = "transparency_purpose"
LONGEST_PURPOSE = 500
#: the exports that depend on a replaced function, where that isn't all of them
NEEDED_BY = {
	"frappe.desk.query_report.build_xlsx_data": {"frappe.desk.query_report.export_query"},
	"frappe.core.doctype.data_export.exporter.DataExporter.add_data_row": {
		"frappe.core.doctype.data_export.exporter.export_data"
	},
}


def begin_request() -> None:
	"""`before_request`: note what is asked for, and record what is read for it."""
	form = frappe.form_dict if isinstance(frappe.form_dict, dict) else {}
	command = requested.command()
	is_export = command in BY_COMMAND
	if is_export:
		refuse_if_unrecordable(command)
	recorder = query_recorder.start(command, purpose_of_request(form), every_doctype=is_export)
	recorder.awaits_response = True
	traceable.prepare(recorder)


def begin_job(**job) -> None:
	"""`before_job`: record what is read for the files that the job makes."""
	form = (job.get("kwargs") or {}).get("form_params")
	traceable.prepare(query_recorder.start(job.get("method"), take_purpose(form)))


def purpose_of_request(form: dict) -> str | None:
	"""Return what an export is for. It stays in the form of an export in the background: its job gets that form."""
	if is_queued(form):
		return form.get(PURPOSE)
	return take_purpose(form)


def is_queued(form: dict) -> bool:
	"""Return whether Frappe (from v16 on) makes the export in a job, which tests run at once."""
	can_queue = hasattr(reportview, "run_report_view_export_job") and not frappe.flags.in_test
	return can_queue and bool(cint(form.get("export_in_background")))


def take_purpose(form: object) -> str | None:
	"""Take the purpose out of a form: Frappe's own methods don't know the parameter."""
	purpose = form.pop(PURPOSE, None) if isinstance(form, dict) else None
	return str(purpose)[:LONGEST_PURPOSE] if purpose else None


def refuse_if_unrecordable(command: str) -> None:
	"""Refuse an export if this version of Frappe lacks a function through which it is recorded."""
	for patch in patching.missing(patching.EXPORTS):
		if command in NEEDED_BY.get(patch.target, BY_COMMAND):
			frappe.throw(
				_(
					"This export can't be recorded with the installed version of Frappe, so it was refused. Please ask "
					"your administrator to update CRM Transparency."
				),
				title=_("This export can't be recorded"),
			)


def recording_responses(process_response: Callable) -> Callable:
	"""Return what replaces `frappe.app.process_response`."""

	def recorded(*args, **kwargs):
		recorder = query_recorder.current()
		response = next((each for each in (*args, *kwargs.values()) if isinstance(each, Response)), None)
		if response is not None and recorder and recorder.awaits_response:
			recorder.awaits_response = False
			record_response(response, recorder)
		return process_response(*args, **kwargs)

	return recorded


def record_response(response: Response, recorder: QueryRecorder) -> None:
	"""Record what leaves in a response, or keep it from leaving."""
	if not brings_data(response):
		return
	is_export = True
	try:
		channel = channel_of(frappe.request, recorder.command, response)
		is_export = bool(channel)
		traceable.add_to_vcards(recorder, response)
		export = channel(response) if channel else bulk_reads.exported(response, recorder.command)
		if export:
			is_export = True
			export.purpose = export.purpose or recorder.purpose
			export.trace = recorder.trace
			exports.record(export)
			# Frappe is done with the request: what isn't committed now isn't recorded
			frappe.db.commit()  # nosemgrep: frappe-manual-commit
	except Exception:
		if is_export or bulk_reads.may_be_an_export(response, recorder):
			refuse(response)
		frappe.logger().error("CRM Transparency: an export could not be recorded", exc_info=True)


def brings_data(response: Response) -> bool:
	"""Return whether a response tells anything: a refusal, a redirect or "not modified" doesn't."""
	return 200 <= response.status_code < 300 and frappe.request.method not in ("HEAD", "OPTIONS")


def refuse(response: Response) -> None:
	"""Take everything out of a response that was about to leave without being recorded."""
	if db := getattr(frappe.local, "db", None):
		db.rollback()
	for header in list(response.headers.keys()):
		if header.lower() not in ("server", "date"):
			response.headers.remove(header)
	response.status_code = 503
	response.direct_passthrough = False
	response.mimetype = "text/plain"
	response.set_data(exports.not_recorded())
