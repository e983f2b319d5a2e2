"""The two ways in which Harbour Press's accounts came into the CRM; the app records which."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

SAVING_A_FORM = "frappe.desk.form.save.savedocs"


@contextmanager
def in_a_form() -> Iterator[None]:
	"""Let documents be saved as by someone who clicks Save."""
	frappe.local.request = Request(
		EnvironBuilder(f"/api/method/{SAVING_A_FORM}", method="POST").get_environ()
	)
	frappe.local.form_dict = frappe._dict(cmd=SAVING_A_FORM)
	try:
		yield
	finally:
		frappe.local.request = None
		frappe.local.form_dict = frappe._dict()


@contextmanager
def by_import() -> Iterator[None]:
	"""Let documents be saved as by a Data Import."""
	frappe.flags.in_import = True
	try:
		yield
	finally:
		frappe.flags.in_import = False
