"""Requests: the witness attends every one of them, until the gate closes on its response."""

import frappe

from crm_transparency.crm_transparency import requested
from crm_transparency.export_audit import gate, places, purposes, traceable, witness
from crm_transparency.export_audit.journal import moving
from crm_transparency.export_audit.ways_out import BY_COMMAND


def attend() -> None:
	"""`before_request`: note what is asked for, and watch what is read for it."""
	places.take()
	form = frappe.form_dict if isinstance(frappe.form_dict, dict) else {}
	command = requested.command()
	gate.open_for_request(command, purposes.take_from(form))
	moving.move_before_reading(command)
	traceable.attend(witness.attend(everything=command in BY_COMMAND), command)
