"""How the modules of this package put functions into the engine in place of what monoframe left there."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple


class Replacement(NamedTuple):
	"""One thing of the engine that works differently here, and what monoframe had cut away."""

	path: str
	cut: str


REPLACEMENTS: list[Replacement] = []


def replaces(path: str, *, cut: str) -> Callable:
	"""Decorate what takes the place of the engine's object at the dotted `path`.

	`cut` says what monoframe's version lacks. Modules that imported the old object by name get the new one.
	"""

	def decorate(new: Any) -> Any:
		owner, name = _owner(path)
		if not hasattr(owner, name):
			raise AttributeError(f"The engine has no {path}")
		old = getattr(owner, name)
		setattr(owner, name, new)
		if isinstance(owner, ModuleType):
			_replace_copies(name, old, new)
		REPLACEMENTS.append(Replacement(path, cut))
		return new

	return decorate


def restores(path: str, *, cut: str) -> Callable:
	"""Decorate what the engine doesn't have at all any more, to be put at the dotted `path`."""

	def decorate(new: Any) -> Any:
		owner, name = _owner(path)
		setattr(owner, name, new)
		REPLACEMENTS.append(Replacement(path, cut))
		return new

	return decorate


def _owner(path: str) -> tuple[Any, str]:
	"""Return the module or class that holds the object at `path`, and the object's name in it."""
	parts = path.split(".")
	for length in range(len(parts) - 1, 0, -1):
		try:
			owner = importlib.import_module(".".join(parts[:length]))
		except ModuleNotFoundError as error:
			if error.name and not path.startswith(error.name):
				raise
			continue
		for attribute in parts[length:-1]:
			owner = getattr(owner, attribute)
		return owner, parts[-1]
	raise ModuleNotFoundError(path)


def _replace_copies(name: str, old: Any, new: Any) -> None:
	for module_name, module in list(sys.modules.items()):
		if module_name.split(".", 1)[0] == "frappe" and getattr(module, "__dict__", {}).get(name) is old:
			setattr(module, name, new)
