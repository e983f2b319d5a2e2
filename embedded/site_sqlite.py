"""Databases of sites as SQLite files."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

from embedded import engine

if TYPE_CHECKING:
	from pathlib import Path

	from embedded.site import Site

TABLES = "select name from sqlite_master where type = 'table'"


def file_of(site: Site) -> Path:
	return site.path / "db" / f"{site.db_name}.db"


def create(site: Site) -> None:
	"""Make the database with the tables that the framework needs to make the others."""
	bare = engine.prepare("sqlite") / "frappe" / "database" / "sqlite" / "framework_sqlite.db"
	shutil.copyfile(bare, file_of(site))


def settle(site: Site) -> None:
	"""Leave the database as one file, small."""
	connection = sqlite3.connect(file_of(site), isolation_level=None)
	connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
	connection.execute("PRAGMA optimize")
	connection.close()


def copy(source: Site, target: Site) -> None:
	"""Copy what is committed, also while others write."""
	origin = sqlite3.connect(f"{file_of(source).as_uri()}?mode=ro", uri=True)
	copied = sqlite3.connect(file_of(target))
	try:
		origin.backup(copied)
	finally:
		origin.close()
		copied.close()


def rows(site: Site, query: str) -> list[tuple]:
	"""Return what `query` finds, without writing anything."""
	connection = sqlite3.connect(f"{file_of(site).as_uri()}?mode=ro", uri=True)
	try:
		return connection.execute(query).fetchall()
	finally:
		connection.close()


def drop(site: Site) -> None:
	"""Delete the database's files."""
	for file in file_of(site).parent.glob(f"{site.db_name}.db*"):
		file.unlink(missing_ok=True)
