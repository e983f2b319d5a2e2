"""Modules that the engine imports and that aren't there: the wheel lacks them, or they need a compiler."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import ModuleType


def provide() -> None:
	"""Put stand-ins into `sys.modules` for what can't be imported. Runs before frappe is imported."""
	_cached_property()
	_mysqlclient()
	_google_clients()
	_test_generators()
	_sentry()


def _module(name: str, **attributes) -> ModuleType:
	module = module_from_spec(ModuleSpec(name, loader=None, is_package=True))
	module.__dict__.update(attributes)
	sys.modules[name] = module
	parent, _, child = name.rpartition(".")
	if parent in sys.modules:
		setattr(sys.modules[parent], child, module)
	return module


def _cached_property() -> None:
	"""Before Python 3.12, a cached property's one lock for all objects is held while the value is worked out.

	Documents work one such property out by way of another: two threads of the server wait for each other, for ever.
	Benches of the engine's version run newer Python.
	"""
	if sys.version_info >= (3, 12):
		return

	class CachedProperty(functools.cached_property):
		def __init__(self, func):
			super().__init__(func)
			self.lock = contextlib.nullcontext()

	functools.cached_property = CachedProperty


def _mysqlclient() -> None:
	"""`frappe.app` imports the driver mysqlclient whichever is used. PyMySQL needs no compiler."""
	if importlib.util.find_spec("MySQLdb"):
		return
	import pymysql
	from pymysql import converters
	from pymysql.constants import ER, FIELD_TYPE

	errors = ("Error", "ProgrammingError", "OperationalError", "InternalError", "DataError", "InterfaceError")
	errors += ("IntegrityError", "DatabaseError", "NotSupportedError")
	_module("MySQLdb", **{name: getattr(pymysql, name) for name in errors}, connect=pymysql.connect)
	_module("MySQLdb._mysql", escape_string=converters.escape_string)
	_module("MySQLdb.constants", ER=ER, FIELD_TYPE=FIELD_TYPE)
	_module("MySQLdb.converters", conversions=converters.conversions)
	_module("MySQLdb.connections", Connection=pymysql.connections.Connection)
	_module("MySQLdb.cursors", Cursor=pymysql.cursors.Cursor, SSCursor=pymysql.cursors.SSCursor)


def _google_clients() -> None:
	"""Core DocTypes import Google's client libraries: 100 MB for calendars that nobody syncs here."""
	if importlib.util.find_spec("googleapiclient"):
		return

	class HttpError(Exception):
		"""Never raised; handlers name it."""

	class Credentials:
		def __init__(self, *args, **kwargs):
			_refuse_google()

	_module("google")
	_module("google.oauth2")
	_module("google.oauth2.credentials", Credentials=Credentials)
	_module("googleapiclient")
	_module("googleapiclient.discovery", build=_refuse_google)
	_module("googleapiclient.errors", HttpError=HttpError)


def _refuse_google(*args, **kwargs):
	raise NotImplementedError("The embedded engine doesn't connect to Google's services; a bench does.")


def _test_generators() -> None:
	"""`after_install` of the framework clears a log of the framework's own test records; there is none."""
	_module("frappe.tests.utils.generators", _clear_test_log=lambda: None)


def _sentry() -> None:
	"""Each logged error is offered to Sentry, an error reporting service; nothing is reported from here."""
	if not importlib.util.find_spec("sentry_sdk"):
		_module("frappe.utils.sentry", capture_exception=lambda *args, **kwargs: None)
