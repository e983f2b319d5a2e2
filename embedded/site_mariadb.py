"""Databases of sites on a MariaDB server, each of its own with a name that starts with `ct_`."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pymysql

from embedded import engine

if TYPE_CHECKING:
	from embedded.site import Site

OLDEST_VERSION = (10, 6)
CONNECTIONS_TO_COPY_WITH = min(4, os.cpu_count() or 1)


@contextlib.contextmanager
def connection(database: str | None = None) -> Iterator[pymysql.Connection]:
	"""Give a connection to the server. Raises SiteError when it can't be reached or is too old."""
	from embedded.engine.database.mariadb import server_settings
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
			"CRM_TRANSPARENCY_DB_HOST, _PORT, _USER and _PASSWORD; who must be allowed to make databases."
		) from error
	try:
		version = tuple(map(int, re.findall(r"\d+", opened.server_version.removeprefix("5.5.5-"))[:2]))
		if version < OLDEST_VERSION:
			raise SiteError(
				f"MariaDB {opened.server_version} is too old; {'.'.join(map(str, OLDEST_VERSION))} is needed."
			)
		yield opened
	finally:
		opened.close()


def create(site: Site) -> None:
	"""Make the database with the tables that the framework needs to make the others."""
	folder = engine.prepare("mariadb")
	script = (folder / "frappe" / "database" / "mariadb" / "framework_mariadb.sql").read_text()
	_create_database(site.db_name)
	with connection(site.db_name) as server, server.cursor() as cursor:
		for statement in _statements(script):
			cursor.execute(statement)


def _create_database(name: str) -> None:
	with connection() as server, server.cursor() as cursor:
		cursor.execute(f"create database `{name}` character set utf8mb4 collate utf8mb4_unicode_ci")


def _statements(script: str) -> list[str]:
	without_comments = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
	return [
		statement.strip() for statement in re.split(r";\s*(?:\n|$)", without_comments) if statement.strip()
	]


def settle(site: Site) -> None:
	"""Nothing to do: a server keeps its databases in order."""


def copy(source: Site, target: Site) -> None:
	"""Copy what is committed: each table with its indexes and rows, and the sequences where they stand."""
	engine.prepare("mariadb")
	_create_database(target.db_name)
	with connection(source.db_name) as server, server.cursor() as cursor:
		cursor.execute("show full tables")
		kinds = cursor.fetchall()
	work = [_copier(kind, name, source.db_name, target.db_name) for name, kind in kinds]
	shares = [work[start::CONNECTIONS_TO_COPY_WITH] for start in range(CONNECTIONS_TO_COPY_WITH)]
	with ThreadPoolExecutor(max_workers=len(shares)) as together:
		list(together.map(_perform, shares))


def _perform(work: list[Callable[[pymysql.cursors.Cursor], None]]) -> None:
	with connection() as server, server.cursor() as cursor:
		cursor.execute(
			"set session unique_checks = 0, foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'"
		)
		for copy_one in work:
			copy_one(cursor)


def _copier(kind: str, name: str, source: str, target: str) -> Callable[[pymysql.cursors.Cursor], None]:
	def copy_table(cursor: pymysql.cursors.Cursor) -> None:
		cursor.execute(f"create table `{target}`.`{name}` like `{source}`.`{name}`")
		cursor.execute(f"insert into `{target}`.`{name}` select * from `{source}`.`{name}`")

	def copy_sequence(cursor: pymysql.cursors.Cursor) -> None:
		cursor.execute(
			"select next_not_cached_value, minimum_value, maximum_value, increment, cache_size, cycle_option "
			f"from `{source}`.`{name}`"
		)
		start, minimum, maximum, increment, cache, cycles = cursor.fetchone()
		cursor.execute(
			f"create sequence `{target}`.`{name}` start with {start} minvalue {minimum} maxvalue {maximum} "
			f"increment by {increment} cache {cache} {'cycle' if cycles else 'nocycle'}"
		)

	return copy_sequence if kind == "SEQUENCE" else copy_table


def drop(site: Site) -> None:
	"""Delete the database."""
	with connection() as server, server.cursor() as cursor:
		cursor.execute(f"drop database if exists `{site.db_name}`")
