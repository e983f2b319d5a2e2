"""Verifies an exported ledger, on any machine with Python 3.10 or later and nothing else:

	python -m crm_transparency.ledger.verify export.jsonl [--head CHAIN_HASH …]

The export is made by `bench --site SITE verify-transparency-ledgers --export export.jsonl`, or it is the excerpt in an
evidence bundle (`verifier` describes both). `--head` takes a
chain hash that somebody outside of the company held, and says whether it's part of the export's chain. Exit
code: 0 if nothing was found, 1 for a finding, 2 if the file can't be read.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from crm_transparency.ledger.chain import is_chain_hash
from crm_transparency.ledger.verifier import EXCERPT, ExcerptVerifier, Verifier

CLEAN, FINDINGS, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
	options = _options(arguments)
	verifier = Verifier(options.head)
	position = 0
	try:
		with open(options.export, encoding="utf-8") as lines:
			for line in lines:
				position += 1
				record = json.loads(line)
				if position == 1 and record["record"] == EXCERPT:
					verifier = ExcerptVerifier(options.head)
				verifier.take(record)
	except OSError as error:
		print(f"{options.export} can't be read: {error.strerror}.", file=sys.stderr)
		return UNREADABLE
	except (AttributeError, KeyError, TypeError, ValueError):
		print(f"Line {position} of {options.export} isn't a line of a ledger export.", file=sys.stderr)
		return UNREADABLE
	report = verifier.finish()
	for line in report.lines():
		print(line)
	return CLEAN if report.is_clean else FINDINGS


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
	parser = argparse.ArgumentParser(
		prog="python -m crm_transparency.ledger.verify",
		description="Verify an exported ledger without the site it came from.",
	)
	parser.add_argument(
		"export",
		help="file written by: bench --site SITE verify-transparency-ledgers --export FILE; or ledger.jsonl of an "
		"evidence bundle",
	)
	parser.add_argument(
		"--head",
		action="append",
		default=[],
		type=_chain_hash,
		metavar="CHAIN_HASH",
		help="a chain hash held outside, as mailed or posted daily; can be given several times",
	)
	return parser.parse_args(arguments)


def _chain_hash(text: str) -> str:
	if not is_chain_hash(text.lower()):
		raise argparse.ArgumentTypeError("a chain hash has 64 hexadecimal digits")
	return text.lower()


if __name__ == "__main__":
	sys.exit(main())
