"""An auditor that pulls, on any machine with Python 3.10 or later and nothing else; meant for cron:

	python -m crm_transparency.ledger.audit URL --key KEY:SECRET --state FILE

URL is the site's address, KEY:SECRET the API key and secret of one of its users who is a Transparency Manager or System
Manager; `--key @FILE` reads them from a file, so that they don't show in the list of processes. The first run checks all
seals. Each later one asks for what came since the seal that the state file keeps, and checks that the chain goes on from
there, with the same code that the site uses. What entries say isn't sent, only their digests.

Prints a sentence that can be mailed, and what was checked and found. Exit code: 0 if nothing was found, 1 for a finding
(the state file stays as it was), 2 if the site or the state file can't be read.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from crm_transparency.ledger.chain import is_chain_hash, number_of
from crm_transparency.ledger.report import Report
from crm_transparency.ledger.verifier import AuditVerifier

CLEAN, FINDINGS, UNREADABLE = 0, 1, 2
METHOD = "crm_transparency.ledger.verification.pull"
TIMEOUT_SECONDS = 300
#: without https the key would travel in the clear, except within this machine
UNENCRYPTED = [("http", host) for host in ("localhost", "127.0.0.1", "::1")]


class Unreadable(Exception):
	"""The site or the state file can't be read; the message says why."""


class NoRedirects(HTTPRedirectHandler):
	"""The key is for the address that was given, and for no other."""

	def redirect_request(self, *_args, **_kwargs) -> None:
		return None


def main(arguments: Sequence[str] | None = None) -> int:
	options = _options(arguments)
	try:
		held = _read_state(options.state)
		report = audit(options.url, _key(options.key), held)
		if report.is_clean and report.newest_seal:
			_write_state(options.state, report)
	except Unreadable as reason:
		print(f"The ledgers of {options.url} couldn't be checked: {reason}", file=sys.stderr)
		return UNREADABLE
	print(_sentence(options.url, report, held))
	for line in report.lines():
		print(line)
	return CLEAN if report.is_clean else FINDINGS


def audit(url: str, key: str, held: dict) -> Report:
	"""Return what was found in the chain of a site from the seal on that the state names, or from its beginning."""
	verifier = AuditVerifier([held["chain_sha256"]] if held else ())
	try:
		for record in _pulled(url, key, number_of(held.get("seal"))):
			verifier.take(record)
		counts = {
			"seals": verifier.report.seals,
			"entries": verifier.report.entries + verifier.report.unsealed,
		}
		verifier.take({"record": "end", **counts})
	except (AttributeError, KeyError, TypeError, ValueError):
		raise Unreadable("its answer isn't what this version understands.") from None
	return verifier.finish()


def _pulled(url: str, key: str, start: int) -> Iterator[dict]:
	is_first_page = 1
	while start is not None:
		page = _get(url, key, {"start": start, "is_first_page": is_first_page})
		yield from page["records"]
		start, is_first_page = page["next"], 0


def _get(url: str, key: str, arguments: dict) -> dict:
	address = f"{url.rstrip('/')}/api/method/{METHOD}?{urlencode(arguments)}"
	request = Request(address, headers={"Authorization": f"token {key}", "Accept": "application/json"})
	try:
		with build_opener(NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as response:
			return json.load(response)["message"]
	except HTTPError as error:
		raise Unreadable(f"the answer was HTTP status {error.code}.") from None
	except (URLError, OSError, ValueError, KeyError) as error:
		raise Unreadable(f"{type(error).__name__}.") from None


def _sentence(url: str, report: Report, held: dict) -> str:
	if not report.is_clean:
		return f"Please look at the ledgers of {url}: findings: {report.finding_count}."
	if not held:
		return f"The ledgers of {url} are as they were sealed; this is the first check."
	added = report.heads[held["chain_sha256"]][1]
	return f"The ledgers of {url} are as they were sealed, and the chain goes on from {held['seal']}: {added} new seals."


def _read_state(path: Path) -> dict:
	try:
		state = json.loads(path.read_text(encoding="utf-8"))
		if not (number_of(state["seal"]) and is_chain_hash(state["chain_sha256"])):
			raise ValueError
	except FileNotFoundError:
		return {}
	except (OSError, ValueError, KeyError, TypeError):
		raise Unreadable(f"{path} isn't a state file of this command.") from None
	return state


def _write_state(path: Path, report: Report) -> None:
	state = {"seal": report.newest_seal, "chain_sha256": report.newest_chain_sha256}
	new = path.with_name(f"{path.name}.new")
	try:
		new.write_text(json.dumps(state) + "\n", encoding="utf-8")
		os.replace(new, path)
	except OSError as error:
		raise Unreadable(f"{path} can't be written: {error.strerror}.") from None


def _key(text: str) -> str:
	if not text.startswith("@"):
		return text
	try:
		return Path(text[1:]).read_text(encoding="utf-8").strip()
	except OSError as error:
		raise Unreadable(f"{text[1:]} can't be read: {error.strerror}.") from None


def _url(text: str) -> str:
	address = urlsplit(text)
	if address.scheme != "https" and (address.scheme, address.hostname) not in UNENCRYPTED:
		raise argparse.ArgumentTypeError("an address begins with https://")
	return text


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
	parser = argparse.ArgumentParser(
		prog="python -m crm_transparency.ledger.audit",
		description="Check that the ledgers of a site go on from where they were at the last check.",
	)
	parser.add_argument("url", type=_url, help="address of the site, such as https://crm.example.com")
	parser.add_argument(
		"--key", required=True, help="KEY:SECRET of a user of the site, or @FILE that holds them"
	)
	parser.add_argument("--state", required=True, type=Path, help="file in which to keep the newest seal")
	return parser.parse_args(arguments)


if __name__ == "__main__":
	sys.exit(main())
