"""The newest seal is sent out of the house daily: somebody holds a copy that nobody inside can change.

And the server keeps every chain hash in a file beside the site's private files, where somebody who has only the database
doesn't reach: each verification looks for all of them in the chain.

With that copy `verify-transparency-ledgers --head` proves that the chain wasn't rewritten as a whole, nor cut
off at its end: the only two things that the chain itself can't show. What can't be sent is logged and tried
again with the next day's: a newer seal vouches for all before it.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import frappe
import requests
from frappe import _
from frappe.utils import now_datetime, validate_email_address

from crm_transparency.crm_transparency import mail
from crm_transparency.crm_transparency.registry import SETTINGS
from crm_transparency.ledger import canonical, ledgers
from crm_transparency.ledger.chain import Seal
from crm_transparency.ledger.report import to_the_second

WEBHOOK_TIMEOUT_SECONDS = 15
FILE_OF_HEADS = "ledger_heads.txt"


def keep(seal: Seal) -> None:
	"""Write the seal's chain hash into the site's file, once the seal is committed. Never raises."""
	frappe.db.after_commit.add(lambda: _append(f"{seal.name} {seal.chain_sha256}\n"))


def kept() -> dict[str, str]:
	"""Return the chain hashes that the site's file keeps, each with its seal."""
	try:
		with open(_file_of_heads(), encoding="utf-8") as file:
			lines = [line.split() for line in file]
	except FileNotFoundError:
		return {}
	return {line[1]: line[0] for line in lines if len(line) == 2}


def forget_kept() -> None:
	with suppress(FileNotFoundError):
		os.remove(_file_of_heads())


def _append(line: str) -> None:
	try:
		descriptor = os.open(_file_of_heads(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
		with open(descriptor, "a", encoding="utf-8") as file:
			file.write(line)
	except OSError as error:
		frappe.logger().error(f"CRM Transparency: a chain hash couldn't be kept: {error.strerror}")


def _file_of_heads() -> str:
	return frappe.get_site_path("private", FILE_OF_HEADS)


def send_copies() -> None:
	"""Mail and post the newest seal as the settings say. Never raises."""
	seal = ledgers.newest_seal()
	if seal is None:
		return
	settings = frappe.get_cached_doc(SETTINGS)
	if addresses := settings.chain_head_addresses():
		_try(_mail, seal, addresses)
	if settings.chain_head_webhook:
		_try(_post, seal, settings.chain_head_webhook)


def _try(send: Callable, seal: Seal, target: list[str] | str) -> None:
	"""Send, and log a failure in our own words: those of libraries name the whole address, with secrets."""
	try:
		send(seal, target)
	except Exception as error:
		frappe.db.rollback()
		where = urlsplit(target).hostname if isinstance(target, str) else _("email")
		frappe.log_error(
			_("CRM Transparency: the newest seal wasn't sent"),
			_("Seal {0} couldn't be sent to {1}: {2}. It's tried again tomorrow.").format(
				seal.name, where, type(error).__name__
			)
			+ _status(error)
			+ f"\n\n{mail.cause_of(error)}",
		)
		# a job, and the other copy is still to be sent
		frappe.db.commit()  # nosemgrep: frappe-manual-commit


def _status(error: Exception) -> str:
	response = getattr(error, "response", None)
	return (
		" " + _("The answer was HTTP status {0}.").format(response.status_code)
		if response is not None
		else ""
	)


def _mail(seal: Seal, addresses: list[str]) -> None:
	valid = [address for address in addresses if validate_email_address(address)]
	if not valid:
		raise frappe.InvalidEmailAddressError
	mail.queue(
		recipients=valid,
		subject=_("Newest seal of the ledgers of {0}: {1}").format(frappe.local.site, seal.name),
		message=_message(seal),
	)
	# a job, and the mail is queued whatever becomes of the webhook
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	if len(valid) < len(addresses):
		raise frappe.InvalidEmailAddressError


def _message(seal: Seal) -> str:
	command = f"bench --site {frappe.local.site} verify-transparency-ledgers --head {seal.chain_sha256}"
	sentences = (
		_("Please keep this email. It proves that the ledgers of {0} weren't rewritten later.").format(
			frappe.local.site
		),
		_("Seal {0} of {1}").format(seal.name, to_the_second(seal.sealed_on)),
		_("Chain hash: {0}").format(f"<code>{seal.chain_sha256}</code>"),
		_("To check it, an administrator of the site runs: {0}").format(f"<code>{command}</code>"),
	)
	return "".join(f"<p>{sentence}</p>" for sentence in sentences)


def _post(seal: Seal, address: str) -> None:
	"""POST the newest seal as JSON. Redirects aren't followed: the settings name the receiver."""
	response = requests.post(
		address,
		json={
			"site": frappe.local.site,
			"seal": seal.name,
			"chain_sha256": seal.chain_sha256,
			"sealed_on": seal.sealed_on,
			"sent_on": canonical.moment(now_datetime()),
		},
		timeout=WEBHOOK_TIMEOUT_SECONDS,
		allow_redirects=False,
	)
	response.raise_for_status()
	if response.is_redirect:
		raise requests.TooManyRedirects(response=response)
