"""What all requests to our doors have in common: the same answer, whatever came in and whatever became of it.

Frappe answers some requests before our methods are called (a body that isn't JSON, credentials that are none of its
users'), on v15 with status 500. So answers are made the same when they go.
"""

import frappe
from frappe import _
from frappe.auth import CookieManager
from werkzeug.wrappers import Request, Response

from crm_transparency.crm_transparency.requested import command_in
from crm_transparency.ringers.watching import incoming

ROOM = "crm_transparency.ringers.doors."
WEBHOOK, REPORT = f"{ROOM}webhook.receive", f"{ROOM}reports.send"
AUTHORIZATION = "crm_transparency_authorization"
#: our method was called, and couldn't keep what came: who knocked is to try again
FAILED = "crm_transparency_door_failed"
TOO_MANY, NOT_KEPT = 429, 503


def open_for_request() -> None:
	"""`before_request`: keep the credentials of a mail provider, which aren't a user's, from Frappe."""
	incoming.attend()
	if is_door(frappe.request):
		credentials = frappe.request.environ.pop("HTTP_AUTHORIZATION", "")
		setattr(frappe.local, AUTHORIZATION, credentials)


def close_for_request(response: Response | None, request: Request) -> None:
	"""`after_request`: give everybody the same answer."""
	if response is None or not is_door(request) or request.method == "OPTIONS":
		return
	has_failed = getattr(frappe.local, FAILED, False)
	if response.status_code != TOO_MANY:
		response.status_code = NOT_KEPT if has_failed else 200
	response.set_data(frappe.as_json({"message": text_of(response.status_code)}, indent=None))
	response.mimetype = "application/json"
	frappe.local.cookie_manager = CookieManager()
	response.headers["Cache-Control"] = "no-store"


def text_of(status: int) -> str:
	if status == TOO_MANY:
		return _("That was a lot at once. Please try again later.")
	if status == NOT_KEPT:
		return _("This didn't arrive. Please try again later.")
	return _("Thank you.")


def is_door(request: Request) -> bool:
	return command_in(request.path) in (WEBHOOK, REPORT) or request.args.get("cmd") in (WEBHOOK, REPORT)


def credentials() -> str:
	return getattr(frappe.local, AUTHORIZATION, "")


def note_failure(error: Exception) -> None:
	"""Have the answer say that what came wasn't kept; what is logged names nobody."""
	frappe.db.rollback()
	frappe.clear_messages()
	setattr(frappe.local, FAILED, True)
	frappe.logger().error(f"CRM Transparency: what came in by a door wasn't kept ({type(error).__name__})")
