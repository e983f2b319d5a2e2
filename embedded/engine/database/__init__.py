"""The databases: what the engine's drivers need to work as Frappe's callers expect."""

from __future__ import annotations

import importlib

DB_TYPES = ("sqlite", "mariadb")


def adapt(db_type: str) -> None:
	"""Put the adaptions for a kind of database in place; once is enough, more does no harm."""
	if db_type not in DB_TYPES:
		raise ValueError(f"The embedded engine runs on {' or '.join(DB_TYPES)}, not on {db_type}.")
	importlib.import_module(f"embedded.engine.database.{db_type}")
