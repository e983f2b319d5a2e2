"""Databases of sites on a MariaDB server, each of its own with a name that starts with `ct_`.

Templates are kept as files, not on the server: servers come and go between runs of the tests.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql

from embedded import engine
from embedded.engine.database.mariadb_server import server_settings

if TYPE_CHECKING:
	from embedded.site import Site

OLDEST_VERSION = (10, 6)
CONNECTIONS_TO_COPY_WITH = min(4, os.cpu_count() or 1)
ROWS_IN_A_STATEMENT = 500
DUMP = "database.jsonl"
TABLES = "show tables"

Work = Callable[[pymysql.cursors.Cursor], None]


@contextlib.contextmanager
def connection(database: str | None = None) -> Iterator[pymysql.Connection]:
	"""Give a connection to the server. Raises SiteError when it can't be reached or is too old."""
	from embedded.site import SiteError

	settings = server_settings()
	try:
		opened = pymysql.connect(
			unix_socket=settings["db_socket"],
			host=settings["db_host"],
			port=settings["db_port"],
			user=settings["db_user"],
			password=settings["db_password"],
			database=database,
			charset="utf8mb4",
			autocommit=True,
		)
	except pymysql.Error as error:
		raise SiteError(
			f"MariaDB can't be reached at {settings['db_socket'] or settings['db_host']} as "
			f"{settings['db_user']}: {error.args[-1]}\nStart a server, or say where one is in "
			"CRM_TRANSPARENCY_DB_HOST, _PORT, _USER and _PASSWORD. That user must be allowed to make databases."
		) from error
	try:
		version = tuple(map(int, re.findall(r"\d+", opened.server_version.removeprefix("5.5.5-"))[:2]))
		if version < OLDEST_VERSION:
			oldest = ".".join(map(str, OLDEST_VERSION))
			raise SiteError(f"MariaDB {opened.server_version} is too old; {oldest} is needed.")
		yield opened
	finally:
		opened.close()


def create(site: Site) -> None:
	"""Make the database with the tables that the framework needs to make the others."""
	folder = engine.prepare("mariadb")
	script = (folder / "frappe" / "database" / "mariadb" / "framework_mariadb.sql").read_text()
	without_comments = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
	_create_database(site.db_name)
	with connection(site.db_name) as server, server.cursor() as cursor:
		for statement in re.split(r";\s*(?:\n|$)", without_comments):
			if statement.strip():
				cursor.execute(statement)


def copy(source: Site, target: Site) -> None:
	"""Copy what is committed: each table with its indexes and rows, and the sequences where they stand."""
	_create_database(target.db_name)
	if _dump(source).exists():
		with _dump(source).open() as lines:
			work = [_runner(target.db_name, json.loads(line)) for line in lines]
	else:
		work = [_copier(kind, name, source.db_name, target.db_name) for name, kind in _tables(source.db_name)]
	shares = [work[start::CONNECTIONS_TO_COPY_WITH] for start in range(CONNECTIONS_TO_COPY_WITH)]
	with ThreadPoolExecutor(max_workers=len(shares)) as together:
		list(together.map(_perform, shares))


def settle(site: Site) -> None:
	"""Leave the database as a file in the site's folder: a line for each table, with its statements."""
	with (
		_dump(site).open("w") as file,
		connection(site.db_name) as server,
		server.cursor() as cursor,
	):
		for name, kind in _tables(site.db_name):
			statements = _sequence(cursor, name) if kind == "SEQUENCE" else _table(cursor, name)
			file.write(json.dumps(statements) + "\n")
	_drop_database(site.db_name)


def rows(site: Site, query: str) -> list[tuple]:
	"""Return what `query` finds."""
	with connection(site.db_name) as server, server.cursor() as cursor:
		cursor.execute(query)
		return list(cursor.fetchall())


def drop(site: Site) -> None:
	"""Delete the database."""
	if not _dump(site).exists():
		_drop_database(site.db_name)


def _dump(site: Site) -> Path:
	return site.path / "db" / DUMP


def _create_database(name: str) -> None:
	with connection() as server, server.cursor() as cursor:
		cursor.execute(f"create database `{name}` character set utf8mb4 collate utf8mb4_unicode_ci")


def _drop_database(name: str) -> None:
	with connection() as server, server.cursor() as cursor:
		cursor.execute(f"drop database if exists `{name}`")


def _tables(database: str) -> list[tuple[str, str]]:
	with connection(database) as server, server.cursor() as cursor:
		cursor.execute("show full tables")
		return list(cursor.fetchall())


def _perform(work: list[Work]) -> None:
	with connection() as server, server.cursor() as cursor:
		cursor.execute("set session unique_checks = 0, foreign_key_checks = 0")
		cursor.execute("set session sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
		for one in work:
			one(cursor)


def _runner(database: str, statements: list[str]) -> Work:
	def run(cursor: pymysql.cursors.Cursor) -> None:
		cursor.execute(f"use `{database}`")
		for statement in statements:
			cursor.execute(statement)

	return run


def _copier(kind: str, name: str, source: str, target: str) -> Work:
	def copy_table(cursor: pymysql.cursors.Cursor) -> None:
		cursor.execute(f"create table `{target}`.`{name}` like `{source}`.`{name}`")
		cursor.execute(f"insert into `{target}`.`{name}` select * from `{source}`.`{name}`")

	def copy_sequence(cursor: pymysql.cursors.Cursor) -> None:
		cursor.execute(f"use `{source}`")
		statements = _sequence(cursor, name)
		_runner(target, statements)(cursor)

	return copy_sequence if kind == "SEQUENCE" else copy_table


def _table(cursor: pymysql.cursors.Cursor, name: str) -> list[str]:
	"""Return the statements that make a table as it is."""
	cursor.execute(f"show create table `{name}`")
	statements = [cursor.fetchone()[1]]
	cursor.execute(f"select * from `{name}`")
	placeholders = f"({', '.join(['%s'] * len(cursor.description))})"
	while rows := cursor.fetchmany(ROWS_IN_A_STATEMENT):
		values = ", ".join(cursor.mogrify(placeholders, row) for row in rows)
		statements.append(f"insert into `{name}` values {values}")
	return statements


def _sequence(cursor: pymysql.cursors.Cursor, name: str) -> list[str]:
	"""Return the statement that makes a sequence which goes on where this one stands."""
	cursor.execute(
		"select next_not_cached_value, minimum_value, maximum_value, increment, cache_size, cycle_option "
		f"from `{name}`"
	)
	start, minimum, maximum, increment, cache, cycles = cursor.fetchone()
	return [
		f"create sequence `{name}` start with {start} minvalue {minimum} maxvalue {maximum} "
		f"increment by {increment} cache {cache} {'cycle' if cycles else 'nocycle'}"
	]
