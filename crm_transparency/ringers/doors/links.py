"""Personal links for people who watch a ringer: made, renewed and revoked by Ringer Managers.

The secret stands behind the # of the address. Browsers don't send that part, so it's in no server's log; the page sends it
in the body of what it reports.
"""

import frappe
from frappe.utils import get_url, now_datetime

from crm_transparency.crm_transparency import personal_links
from crm_transparency.ringers import secrecy
from crm_transparency.ringers.documents import LINK
from crm_transparency.ringers.identities import RINGER
from crm_transparency.ringers.quietly import without_a_trace

PAGE = "/report-a-contact"
ACTIVE, REVOKED = "Active", "Revoked"


@frappe.whitelist(methods=["POST"])
@without_a_trace
def make(ringer: str) -> str:
	"""Make a personal link for a ringer and return it. It's shown this once; links made before are revoked."""
	secrecy.ask_may_know()
	if not frappe.db.exists(RINGER, ringer):
		frappe.throw(frappe._("There is no such ringer."), exc=frappe.DoesNotExistError)
	revoke(ringer)
	secret = personal_links.new_secret()
	frappe.get_doc(
		doctype=LINK,
		ringer=ringer,
		status=ACTIVE,
		made_on=now_datetime(),
		made_by=frappe.session.user,
		fingerprint=personal_links.fingerprint(secret),
	).insert(ignore_permissions=True)
	return f"{get_url(PAGE)}#{secret}"


@frappe.whitelist(methods=["POST"])
@without_a_trace
def revoke(ringer: str) -> None:
	"""End the personal links of a ringer at once."""
	secrecy.ask_may_know()
	for name in frappe.get_all(LINK, filters={"ringer": ringer, "status": ACTIVE}, pluck="name"):
		link = frappe.get_doc(LINK, name)
		link.status = REVOKED
		link.save(ignore_permissions=True)


def ringer_behind(secret: str) -> tuple[str, str] | None:
	"""Return link and ringer that belong to a secret. One look-up by hash, which takes the same time for all secrets."""
	filters = {"fingerprint": personal_links.fingerprint(secret), "status": ACTIVE}
	return frappe.db.get_value(LINK, filters, ["name", "ringer"])


def note_use(link: str) -> None:
	frappe.db.set_value(LINK, link, "last_used_on", now_datetime(), update_modified=False)
