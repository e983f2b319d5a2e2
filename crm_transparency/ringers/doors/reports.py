"""The door for people who watch a ringer: they report who called or wrote, on a page that only their link opens."""

import frappe
from frappe import _
from frappe.rate_limiter import rate_limit
from frappe.utils import cint, get_datetime, now_datetime, strip_html

from crm_transparency.ringers.documents import WEBHOOK
from crm_transparency.ringers.doors import knocks, links, requests, uploads
from crm_transparency.ringers.watching import evidence_files
from crm_transparency.ringers.watching.tip import CHANNELS, PERSONAL_LINK, Tip

AN_HOUR = 3600
REPORTS_AN_HOUR = 20
LONGEST_LINE, LONGEST_TEXT = 200, 5000


def reports_an_hour() -> int:
	return cint(frappe.db.get_single_value(WEBHOOK, "reports_an_hour")) or REPORTS_AN_HOUR


@frappe.whitelist(allow_guest=True, methods=["POST"])
@rate_limit(limit=reports_an_hour, seconds=AN_HOUR)
def send() -> None:
	"""Take a report. The answer is always the same: `requests` makes it, and nothing here is allowed to fail."""
	try:
		take(frappe.form_dict)
	except Exception as error:
		requests.note_failure(error)


def take(form: dict) -> None:
	found = links.ringer_behind(line(form, "secret"))
	files, left_out = uploads.accepted(frappe.request.files.values())
	tip = as_tip(form, left_out)
	if found:
		tip.link, tip.ringers = found[0], [found[1]]
	for file in files:
		kind = evidence_files.PHOTO if file.is_photo else evidence_files.FILE
		tip.evidence.append(evidence_files.store(kind, file.name, file.content, file.content_type))
	knocks.take(tip, is_genuine=bool(found))


def as_tip(form: dict, left_out: int) -> Tip:
	address = line(form, "address")
	channel = line(form, "channel")
	text = words(form, "text", LONGEST_TEXT)
	if left_out:
		text = f"{text}\n\n" + _("(Files that were too large, too many or of another kind: {0})").format(
			left_out
		)
	is_address = "@" in address
	return Tip(
		PERSONAL_LINK,
		channel=channel if channel in CHANNELS else "Other",
		seen_on=str(moment(line(form, "seen_on"))),
		sender=address if is_address else None,
		sender_phone=None if is_address else address,
		sender_name=words(form, "who", LONGEST_LINE),
		text=text.strip(),
	)


def line(form: dict, field: str) -> str:
	value = form.get(field)
	return value.strip()[:LONGEST_LINE] if isinstance(value, str) else ""


def words(form: dict, field: str, longest: int) -> str:
	"""Return what somebody wrote, without markup and control characters."""
	value = form.get(field)
	text = strip_html(value[:longest]) if isinstance(value, str) else ""
	return "".join(character for character in text if character.isprintable() or character == "\n").strip()


def moment(text: str):
	"""Return when it was, as far as that makes sense: not in the future, and now if it isn't said."""
	present = now_datetime()
	try:
		said = get_datetime(text).replace(tzinfo=None) if text else present
	except (ValueError, OverflowError, AttributeError, TypeError, frappe.ValidationError):
		return present
	return min(said, present) if said.year > 2000 else present
