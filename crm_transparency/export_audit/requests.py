"""Requests: the witness attends every one of them, until the gate closes on its response."""

import frappe

from crm_transparency.export_audit import gate, places, purposes, traceable, witness
from crm_transparency.export_audit.journal import moving
from crm_transparency.export_audit.ways_out import BY_COMMAND

METHODS_BY_PATH = ("/api/method/", "/api/v1/method/", "/api/v2/method/")


def attend() -> None:
	"""`before_request`: note what is asked for, and watch what is read for it."""
	places.take()
	form = frappe.form_dict if isinstance(frappe.form_dict, dict) else {}
	command = form.get("cmd") or command_in(frappe.request.path)
	gate.open_for_request(command, purposes.take_from(form))
	moving.move_before_reading(command)
	traceable.attend(witness.attend(everything=command in BY_COMMAND), command)


def command_in(path: str) -> str | None:
	"""Return the method that `/api/method/…` or `/api/v2/method/…` calls."""
	for beginning in METHODS_BY_PATH:
		if path.startswith(beginning):
			return path.removeprefix(beginning).partition("/")[0]
	return None
