"""The newest seal leaves the house daily, and what goes wrong on the way is told without telling secrets."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import frappe
import pytest

from crm_transparency.ledger import chain_head

pytestmark = pytest.mark.usefixtures("one_transaction")

SECRET = "token-that-nobody-may-read"


class Receiver(HTTPServer):
	"""A webhook's receiver: keeps what is posted, and answers with `status`."""

	def __init__(self):
		self.received, self.status = [], 200
		super().__init__(("127.0.0.1", 0), Handler)

	@property
	def address(self) -> str:
		return f"http://127.0.0.1:{self.server_port}/hooks/{SECRET}"


class Handler(BaseHTTPRequestHandler):
	def do_POST(self):
		body = self.rfile.read(int(self.headers["Content-Length"]))
		self.server.received.append((self.path, self.headers["Content-Type"], json.loads(body)))
		self.send_response(self.server.status)
		if self.server.status == 302:
			self.send_header("Location", f"{self.server.address}/elsewhere")
		self.end_headers()

	def log_message(self, *arguments):
		pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
	with Receiver() as server:
		threading.Thread(target=server.serve_forever, daemon=True).start()
		yield server
		server.shutdown()


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
	sent = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: sent.append(mail))
	return sent


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
	"""What goes into the Error Log, title and text."""
	entries = []
	monkeypatch.setattr(frappe, "log_error", lambda title, message: entries.append(f"{title}\n{message}"))
	return entries


def settings(**values) -> None:
	for fieldname in ("mail_chain_head_to", "chain_head_webhook"):
		frappe.db.set_single_value("CRM Transparency Settings", fieldname, values.get(fieldname))


def newest() -> tuple[str, str]:
	return frappe.db.get_value("Ledger Seal", {}, ["name", "chain_sha256"], order_by="number desc")


def test_nothing_is_sent_unless_the_settings_say_so(sealed, mails, logged):
	settings()
	chain_head.send_copies()
	assert not mails and not logged


def test_nothing_is_sent_before_there_is_a_seal(mails, logged):
	frappe.db.delete("Ledger Seal")
	settings(mail_chain_head_to="auditor@example.com")
	chain_head.send_copies()
	assert not mails and not logged


def test_the_newest_seal_is_mailed(sealed, mails, logged):
	settings(mail_chain_head_to="auditor@example.com\nnotary@example.com, owner@example.com\n")
	chain_head.send_copies()
	[mail] = mails
	name, chain_hash = newest()
	assert mail["recipients"] == ["auditor@example.com", "notary@example.com", "owner@example.com"]
	assert name in mail["subject"] and chain_hash in mail["message"]
	assert f"verify-transparency-ledgers --head {chain_hash}" in mail["message"]
	assert not logged


def test_the_newest_seal_is_posted(sealed, receiver, logged):
	settings(chain_head_webhook=receiver.address)
	chain_head.send_copies()
	[(path, content_type, body)] = receiver.received
	assert path == f"/hooks/{SECRET}" and content_type == "application/json"
	assert (body["seal"], body["chain_sha256"]) == newest()
	assert body["site"] == frappe.local.site and body["sealed_on"] and body["sent_on"]
	assert not logged


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_receiver_that_refuses_is_logged_without_its_address(sealed, receiver, logged, status):
	receiver.status = status
	settings(chain_head_webhook=receiver.address)
	chain_head.send_copies()
	[entry] = logged
	assert f"HTTP status {status}" in entry and "127.0.0.1" in entry and SECRET not in entry
	assert len(receiver.received) == 1


def test_a_receiver_that_is_gone_is_logged_without_its_address(sealed, logged):
	with Receiver() as gone:
		settings(chain_head_webhook=gone.address)
	chain_head.send_copies()
	[entry] = logged
	assert "ConnectionError" in entry and SECRET not in entry and "tomorrow" in entry


def test_an_address_that_is_none_is_logged(sealed, logged):
	settings(chain_head_webhook="ftp://example.com/" + SECRET)
	chain_head.send_copies()
	[entry] = logged
	assert "InvalidSchema" in entry and SECRET not in entry


def test_mail_that_fails_does_not_stop_the_webhook(sealed, receiver, logged, monkeypatch):
	def no_mail_account(**mail):
		raise frappe.OutgoingEmailError("Please set up the default Email Account")

	monkeypatch.setattr(frappe, "sendmail", no_mail_account)
	settings(mail_chain_head_to="auditor@example.com", chain_head_webhook=receiver.address)
	chain_head.send_copies()
	assert len(receiver.received) == 1
	[entry] = logged
	assert "mail" in entry and "NoOutgoingMail" in entry


@pytest.mark.parametrize("addresses", ["nobody", "auditor@example.com\nnot an address"])
def test_settings_take_addresses_only(addresses):
	settings_form = frappe.get_single("CRM Transparency Settings")
	settings_form.mail_chain_head_to = addresses
	with pytest.raises(frappe.InvalidEmailAddressError, match="one address per line"):
		settings_form.save()


def test_settings_take_several_addresses():
	settings_form = frappe.get_single("CRM Transparency Settings")
	settings_form.mail_chain_head_to = "auditor@example.com\nnotary@example.com, owner@example.com\n"
	settings_form.save()


def test_one_wrong_address_does_not_stop_the_others(sealed, mails, logged):
	settings(mail_chain_head_to="auditor@example.com\nnobody")
	chain_head.send_copies()
	assert mails[0]["recipients"] == ["auditor@example.com"]
	assert len(logged) == 1
