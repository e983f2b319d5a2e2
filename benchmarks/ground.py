"""A site to measure on: the embedded engine's, or a real bench's. Options as bin/test has them."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from tests.grounds import Ground
from tests.grounds.bench import Bench
from tests.grounds.embedded import Embedded


def options(description: str) -> argparse.ArgumentParser:
	parser = argparse.ArgumentParser(description=description)
	parser.add_argument("--db", choices=("sqlite", "mariadb"), default="sqlite")
	parser.add_argument("--bench", help="folder of a real bench; run this script with its Python")
	parser.add_argument("--site")
	return parser


@contextmanager
def connected(chosen: argparse.Namespace) -> Iterator[Ground]:
	"""Connect to the chosen ground, say which it is, and take everything away afterwards."""
	ground = Bench(chosen.bench, chosen.site) if chosen.bench else Embedded(chosen.db)
	ground.prepare()
	ground.connect()
	print(f"Ground: {ground}")
	try:
		yield ground
	finally:
		ground.disconnect()
		ground.close()


def commit() -> None:
	"""Commit what a benchmark made for itself."""
	import frappe

	# A benchmark is no request and no job: nobody else commits what it makes.
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
