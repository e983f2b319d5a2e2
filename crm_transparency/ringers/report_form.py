"""The form for people who watch a ringer: they report who called or wrote, on a page that only their personal link opens.

Ringer Managers make, renew and revoke these links. The secret stands behind the # of the address. Browsers don't send that
part, so it's in no server's log; the page sends it in the body of what it reports. What a file is is read off its first
bytes, not off its name.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

import filetype
import frappe
from frappe import _
from frappe.rate_limiter import rate_limit
from frappe.utils import cint, get_datetime, get_url, now_datetime, strip_html
from werkzeug.datastructures import FileStorage

from crm_transparency.crm_transparency import encryption
from crm_transparency.ringers import evidence_files, inbound_webhook, inbox
from crm_transparency.ringers.documents import LINK, WEBHOOK_SETTINGS
from crm_transparency.ringers.identities import RINGER
from crm_transparency.ringers.inbound_messages import CHANNELS, PERSONAL_LINK, InboundMessage
from crm_transparency.ringers.secrecy import ringer_managers_only

AN_HOUR = 3600
REPORTS_AN_HOUR = 20
LONGEST_LINE, LONGEST_TEXT = 200, 5000
PAGE = "/report-a-contact"
ACTIVE, REVOKED = "Active", "Revoked"
MOST_FILES = 3
MOST_BYTES = 10 << 20
PHOTOS = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/gif")
OTHERS = ("application/pdf", "audio/mpeg", "audio/mp4", "audio/m4a", "audio/ogg", "audio/x-wav", "video/mp4")
LONGEST_NAME = 80


def reports_an_hour() -> int:
	return cint(frappe.db.get_single_value(WEBHOOK_SETTINGS, "reports_an_hour")) or REPORTS_AN_HOUR


@frappe.whitelist(allow_guest=True, methods=["POST"])
@rate_limit(limit=reports_an_hour, seconds=AN_HOUR)
def send() -> str:
	"""Take a report. The answer is the same whether the link is right or wrong."""
	try:
		take_report(frappe.form_dict)
	except Exception as error:
		return inbound_webhook.not_kept(error)
	return inbound_webhook.accepted()


def take_report(form: dict) -> None:
	"""Put a report into the inbox if its link is a ringer's."""
	found = ringer_behind(short_line(form, "secret"))
	if not found:
		return
	files, left_out = accepted_files(frappe.request.files.values())
	message = message_from_report(form, left_out)
	message.link, message.ringers = found[0], [found[1]]
	for file in files:
		kind = evidence_files.PHOTO if file.is_photo else evidence_files.FILE
		message.evidence.append(evidence_files.store(kind, file.name, file.content, file.content_type))
	inbox.put(message)
	inbox.process_soon()


def message_from_report(form: dict, left_out: int) -> InboundMessage:
	address = short_line(form, "address")
	channel = short_line(form, "channel")
	text = plain_words(form, "text", LONGEST_TEXT)
	if left_out:
		text = f"{text}\n\n" + _("(Files that were too large, too many or of another kind: {0})").format(
			left_out
		)
	is_address = "@" in address
	return InboundMessage(
		PERSONAL_LINK,
		channel=channel if channel in CHANNELS else "Other",
		seen_on=str(stated_moment(short_line(form, "seen_on"))),
		sender=address if is_address else None,
		sender_phone=None if is_address else address,
		sender_name=plain_words(form, "who", LONGEST_LINE),
		text=text.strip(),
	)


def short_line(form: dict, field: str) -> str:
	value = form.get(field)
	return value.strip()[:LONGEST_LINE] if isinstance(value, str) else ""


def plain_words(form: dict, field: str, longest: int) -> str:
	"""Return what somebody wrote, without markup and control characters."""
	value = form.get(field)
	text = strip_html(value[:longest]) if isinstance(value, str) else ""
	return "".join(character for character in text if character.isprintable() or character == "\n").strip()


def stated_moment(text: str):
	"""Return when it was, as far as that makes sense: not in the future, and now if it isn't said."""
	present = now_datetime()
	try:
		said = get_datetime(text).replace(tzinfo=None) if text else present
	except (ValueError, OverflowError, AttributeError, TypeError, frappe.ValidationError):
		return present
	return min(said, present) if said.year > 2000 else present


# Personal links


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def make_link(ringer: str) -> str:
	"""Make a personal link for a ringer and return it. It's shown this once; links made before are revoked."""
	if not frappe.db.exists(RINGER, ringer):
		frappe.throw(frappe._("There is no such ringer."), exc=frappe.DoesNotExistError)
	revoke_links(ringer)
	secret = encryption.new_secret()
	frappe.get_doc(
		doctype=LINK,
		ringer=ringer,
		status=ACTIVE,
		made_on=now_datetime(),
		made_by=frappe.session.user,
		fingerprint=encryption.fingerprint(secret),
	).insert(ignore_permissions=True)
	return f"{get_url(PAGE)}#{secret}"


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def revoke_links(ringer: str) -> None:
	"""End the personal links of a ringer at once."""
	for name in frappe.get_all(LINK, filters={"ringer": ringer, "status": ACTIVE}, pluck="name"):
		link = frappe.get_doc(LINK, name)
		link.status = REVOKED
		link.save(ignore_permissions=True)


def ringer_behind(secret: str) -> tuple[str, str] | None:
	"""Return the active link and the ringer that belong to a secret."""
	filters = {"fingerprint": encryption.fingerprint(secret), "status": ACTIVE}
	return frappe.db.get_value(LINK, filters, ["name", "ringer"])


# Files


class Upload(NamedTuple):
	name: str
	content: bytes
	content_type: str

	@property
	def is_photo(self) -> bool:
		return self.content_type in PHOTOS


def accepted_files(files: Iterable[FileStorage]) -> tuple[list[Upload], int]:
	"""Return the files that we take, and how many we don't: too many, too large, or of another kind."""
	taken: list[Upload] = []
	left_out = 0
	for file in files:
		upload = read_file(file) if len(taken) < MOST_FILES else None
		if upload:
			taken.append(upload)
		else:
			left_out += 1
	return taken, left_out


def read_file(file: FileStorage) -> Upload | None:
	content = file.stream.read(MOST_BYTES + 1)
	if not content or len(content) > MOST_BYTES:
		return None
	kind = filetype.guess(content)
	if kind is None or kind.mime not in (*PHOTOS, *OTHERS):
		return None
	return Upload(name_for(file.filename, kind.extension), content, kind.mime)


def name_for(name: str | None, extension: str) -> str:
	"""Return a harmless name that ends as the content demands."""
	stem = re.sub(r"[^\w -]+", "_", (name or "").replace("\\", "/").rpartition("/")[2].rpartition(".")[0])
	return f"{stem.strip('_ ')[:LONGEST_NAME] or 'file'}.{extension}"
