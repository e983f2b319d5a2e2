"""Errors that say nothing about an account, only about the moment: the same chunk may well succeed a little later."""

import frappe
import redis

# MariaDB's: server gone or lost, connection killed, shutting down, can't connect, too many connections
LOST_CONNECTION = {2006, 2013, 2055, 1927, 1053, 2002, 2003, 1040}
PASSING = (
	frappe.QueryDeadlockError,
	frappe.QueryTimeoutError,
	redis.exceptions.ConnectionError,
	redis.exceptions.TimeoutError,
)
CONNECTION_ERRORS = ("OperationalError", "InterfaceError", "InternalError")


def is_interruption(error: Exception) -> bool:
	"""Say whether a chunk has to start over: deadlock, time-out, lost connection, or no Redis for what hooks queue."""
	return isinstance(error, PASSING) or is_lost_connection(error)


def is_lost_connection(error: Exception) -> bool:
	"""Say whether there is no connection any more. PyMySQL says (0, "") when it is used after it was lost."""
	if type(error).__name__ not in CONNECTION_ERRORS:
		return False
	code = error.args[0] if error.args else 0
	return code in LOST_CONNECTION or (type(error).__name__ == "InterfaceError" and code == 0)
