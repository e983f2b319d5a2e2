"""Functions of Frappe that the app replaces because no hook does what is needed, and those that this Frappe lacks.

The table is `crm_transparency/frappe_patches.py`; rooms ask here what is missing. A missing function never breaks a
request: a room refuses only what can't be done properly without it.
"""

from collections.abc import Callable
from functools import wraps
from pkgutil import resolve_name
from typing import Any, NamedTuple

import frappe
from frappe import _

#: the hook that names the tables of patches
HOOK = "transparency_frappe_patches"
#: what depends on patches
EXPORTS = "exports"
HIDDEN_RECORDS = "hidden records"
HIDDEN_FIELDS = "hidden fields"
RESTRICTED_REPORTS = "restricted reports"
RINGERS_IN_BLIND_COPIES = "ringers in blind copies"
#: on what replaces a function: the dotted paths of the replacements
REPLACED = "crm_transparency_replacements"


class Patch(NamedTuple):
	"""One replaced function."""

	#: its dotted path: a function of a module, or a method of a class
	target: str
	#: the dotted path of a function of ours that takes the target and returns what replaces it
	replacement: str
	#: what is refused where the target is missing: one of the constants above
	needed_for: str
	#: why no hook does it
	reason: str
	#: the versions of Frappe it was tried on
	tried_on: str
	#: the only major version that it is for, 15 or 16; None for both
	only_on: int | None = None
	#: the issue or pull request upstream that would make it superfluous
	upstream: str | None = None


def patches() -> list[Patch]:
	"""Return the patches for the version of Frappe at hand."""
	tables = [frappe.get_attr(path) for path in frappe.get_hooks(HOOK)]
	return [patch for table in tables for patch in table if patch.only_on in (None, major_version())]


def major_version() -> int:
	"""Return 15 or 16: whatever isn't 15 (a later version, the embedded engine) is made like 16."""
	return 15 if frappe.__version__.startswith("15.") else 16


def missing(needed_for: str | None = None) -> list[Patch]:
	"""Return the patches whose target this version of Frappe lacks, all or those that `needed_for` depends on."""
	return [
		patch
		for patch in patches()
		if needed_for in (None, patch.needed_for) and holder_of(patch.target) is None
	]


def holder_of(target: str) -> object | None:
	"""Return the module or class that has the target; None if there is none."""
	path, _dot, name = target.rpartition(".")
	try:
		holder = resolve_name(path)
	except (ImportError, AttributeError):
		return None
	return holder if hasattr(holder, name) else None


def replace(patch: Patch) -> None:
	"""Put a patch's replacement where its target is. Does nothing if it is there already, or the target is missing."""
	holder, name = holder_of(patch.target), patch.target.rpartition(".")[2]
	if holder is None:
		return
	function: Callable = getattr(holder, name)
	done = getattr(function, REPLACED, frozenset())
	if patch.replacement in done:
		return
	replacement = wraps(function)(frappe.get_attr(patch.replacement)(function))
	setattr(replacement, REPLACED, done | {patch.replacement})
	setattr(holder, name, replacement)


def given(args: tuple, kwargs: dict, place: int, name: str) -> Any:
	"""Return what a call hands over at a place or by a name; None if it doesn't.

	Frappe changes what its inner functions take, also within a major version: what stands in for one takes anything, hands
	it on as it is, and looks only at what it needs.
	"""
	return args[place] if len(args) > place else kwargs.get(name)


def consequences() -> dict[str, str]:
	"""Return, by what depends on patches, what happens while one of them is missing."""
	return {
		EXPORTS: _("Exports can't be recorded, so they are refused."),
		HIDDEN_RECORDS: _("People with restrictions can't open document types with restricted records."),
		HIDDEN_FIELDS: _("People with restrictions can't open document types with restricted fields."),
		RESTRICTED_REPORTS: _("People with restrictions can't run query and script reports."),
		RINGERS_IN_BLIND_COPIES: _("Mail to ringers is only recognized by To and Cc."),
	}


def sentences() -> list[str]:
	"""Return what administrators should know, in a sentence or two for each of what is missing; none if all is well."""
	effects = consequences()
	return [
		_("Frappe {0} has no {1}. {2} Please update CRM Transparency.").format(
			frappe.__version__, patch.target, effects[patch.needed_for]
		)
		for patch in missing()
	]


def add_to_bootinfo(bootinfo: frappe._dict) -> None:
	"""`extend_bootinfo`: what is missing, for System Managers, who see it in a banner."""
	if "System Manager" in frappe.get_roles():
		bootinfo.crm_transparency_missing_patches = sentences()
