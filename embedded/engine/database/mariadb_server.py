"""Which MariaDB server to use."""

from __future__ import annotations

import os
from pathlib import Path

USUAL_SOCKETS = (
	"/run/mysqld/mysqld.sock",
	"/var/run/mysqld/mysqld.sock",
	"/var/lib/mysql/mysql.sock",
	"/tmp/mysql.sock",
)


def server_settings() -> dict:
	"""Return how to reach the server.

	From CRM_TRANSPARENCY_DB_HOST (a name, an address or the path of a socket), _PORT, _USER and _PASSWORD;
	without a host it is the local server's socket, as root, who needs no password there.
	"""
	host = os.environ.get("CRM_TRANSPARENCY_DB_HOST") or _usual_socket()
	is_socket = host.startswith("/")
	return {
		"db_socket": host if is_socket else None,
		"db_host": None if is_socket else host,
		"db_port": int(os.environ.get("CRM_TRANSPARENCY_DB_PORT") or 3306),
		"db_user": os.environ.get("CRM_TRANSPARENCY_DB_USER") or "root",
		"db_password": os.environ.get("CRM_TRANSPARENCY_DB_PASSWORD") or "",
	}


def _usual_socket() -> str:
	return next((path for path in USUAL_SOCKETS if Path(path).exists()), "127.0.0.1")
