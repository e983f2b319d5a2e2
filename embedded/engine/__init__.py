"""The engine: Frappe without a bench, made from a PyPI wheel. `prepare()` is the only thing to call."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from pathlib import Path

from embedded.paths import EMBEDDED_APPS, REPOSITORY

# In this order: each may rely on what those before it restored.
CONCERNS = (
	"config",
	"apps",
	"modules",
	"redis",
	"logs",
	"install",
	"migrate",
	"jobs",
	"offline",
	"pdf",
	"type_hints",
)

_lock = threading.Lock()
_prepared: Path | None = None


def prepare(db_type: str = "sqlite") -> Path:
	"""Make `import frappe` work in this process, with the apps frappe, demo_crm and crm_transparency known.

	`db_type` ("sqlite" or "mariadb") is the kind of database that must be usable; calling again with the
	other kind adds that one. Returns the folder that holds the package `frappe`. Must run before anything
	imports frappe. Raises EngineError when the engine can't be built.
	"""
	global _prepared
	with _lock:
		if _prepared is None:
			_prepared = _prepare()
	from embedded.engine import database

	database.adapt(db_type)
	return _prepared


def wheel_folder() -> Path:
	"""Return the folder that holds the package `frappe`, built when missing; imports nothing of it."""
	from embedded.engine import wheel

	return wheel.build()


def _prepare() -> Path:
	if "frappe" in sys.modules:
		raise RuntimeError(
			"frappe was imported before the engine was prepared; call embedded.engine.prepare() first."
		)
	from embedded.engine import standins, wheel

	folder = wheel.build()
	# Frappe reads a `.env` file from the folders above it, where a stranger's could lie.
	os.environ["PYTHON_DOTENV_DISABLED"] = "1"
	for path in (REPOSITORY, EMBEDDED_APPS, folder):
		if str(path) not in sys.path:
			sys.path.append(str(path))
	standins.provide()
	importlib.import_module("frappe")
	for concern in CONCERNS:
		importlib.import_module(f"embedded.engine.{concern}")
	return folder
