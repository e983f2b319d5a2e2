"""Nothing calls out to the internet by itself: no update check, no change log, no list of apps to buy."""

from __future__ import annotations

from embedded.engine.replace import replaces


@replaces("frappe.boot.get_marketplace_apps", cut="nothing; it asks a server for apps to offer")
def get_marketplace_apps() -> list:
	return []


@replaces(
	"frappe.desk.doctype.changelog_feed.changelog_feed.fetch_changelog_feed",
	cut="nothing; it reads news from a server every week",
)
def fetch_changelog_feed() -> None:
	"""Leave the feed as it is."""


@replaces(
	"frappe.utils.change_log.check_for_update", cut="nothing; it asks GitHub for newer versions every week"
)
def check_for_update() -> None:
	"""Leave the note about newer versions as it is."""


@replaces("frappe.utils.has_gravatar", cut="nothing; it asks gravatar.com for each new user's picture")
def has_gravatar(email: str) -> str:
	return ""
