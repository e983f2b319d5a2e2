"""What arrives in every mailbox and tells nothing: bounces, spam, and newsletters of companies without any link.

It's kept, out of the way, and a Ringer Manager can promote it.
"""

import re

from crm_transparency.ringers.watching.tip import Tip

BOUNCE, SPAM, NEWSLETTER = "Bounce", "Spam", "Newsletter"
BOUNCING = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|bounces?)([-+.@]|$)", re.IGNORECASE)
SPAM_LEVEL = 5


def kind(tip: Tip, has_link: bool) -> str | None:
	"""Say what kind of noise a tip is; None if it is none. `has_link`: the sender resembles somebody who left."""
	if is_bounce(tip):
		return BOUNCE
	if is_spam(tip):
		return SPAM
	if is_newsletter(tip) and not has_link:
		return NEWSLETTER
	return None


def is_bounce(tip: Tip) -> bool:
	headers = tip.headers
	return (
		bool(BOUNCING.match(tip.sender or ""))
		or headers.get("return-path", "").strip() == "<>"
		or headers.get("auto-submitted", "no").strip().lower().split(";")[0] not in ("no", "")
		or "x-failed-recipients" in headers
		or headers.get("content-type", "").lower().startswith("multipart/report")
		or headers.get("precedence", "").strip().lower() == "auto_reply"
	)


def is_spam(tip: Tip) -> bool:
	headers = tip.headers
	level = headers.get("x-ms-exchange-organization-scl", "").strip()
	return (
		headers.get("x-spam-flag", "").strip().lower() in ("yes", "true")
		or headers.get("x-spam", "").strip().lower() in ("yes", "true")
		or headers.get("x-spam-status", "").strip().lower().startswith("yes")
		or "SFV:SPM" in headers.get("x-forefront-antispam-report", "")
		or (level.isdigit() and int(level) >= SPAM_LEVEL)
	)


def is_newsletter(tip: Tip) -> bool:
	headers = tip.headers
	return (
		"list-unsubscribe" in headers
		or "list-id" in headers
		or headers.get("precedence", "").strip().lower() in ("bulk", "list", "junk")
	)
