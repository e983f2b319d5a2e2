"""Packages of Frappe that monoframe renamed, so that apps written for Frappe find them under their own names.

`frappe.modules` became parts of `frappe.model` and `frappe.patches`; `frappe.commands` is gone.
"""

from __future__ import annotations

import functools
import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import ModuleType

import click
import frappe
import frappe.model.export
import frappe.model.import_doc
import frappe.model.module_utils
import frappe.patches

ALIASES = {
	"frappe.modules.utils": frappe.model.module_utils,
	"frappe.modules.import_file": frappe.model.import_doc,
	"frappe.modules.export_file": frappe.model.export,
	"frappe.modules.patch_handler": frappe.patches,
}


def provide_frappe_modules() -> None:
	"""Make `import frappe.modules` and what was below it work."""
	package = _package("frappe.modules")
	package.__dict__.update(
		(name, value) for name, value in vars(frappe.model.module_utils).items() if not name.startswith("__")
	)
	for name, module in ALIASES.items():
		sys.modules[name] = module
		setattr(package, name.rpartition(".")[2], module)


def provide_frappe_commands() -> None:
	"""Make `from frappe.commands import pass_context, get_site` work, as the commands of apps do."""
	package = _package("frappe.commands")
	package.pass_context = pass_context
	package.get_site = get_site


def _package(name: str) -> ModuleType:
	"""Add an empty package to the framework."""
	package = module_from_spec(ModuleSpec(name, loader=None, is_package=True))
	sys.modules[name] = package
	setattr(frappe, name.rpartition(".")[2], package)
	return package


def pass_context(command):
	"""Give the command the context object, which names the sites, as its first argument."""

	@click.pass_context
	@functools.wraps(command)
	def with_context(context, *args, **kwargs):
		return command(frappe._dict(context.obj or {}), *args, **kwargs)

	return with_context


def get_site(context, raise_err: bool = True) -> str | None:
	"""Return the site the command is to work on. Raises SiteNotSpecifiedError when there is none."""
	if context.sites:
		return context.sites[0]
	if raise_err:
		raise frappe.SiteNotSpecifiedError
	return None


provide_frappe_modules()
provide_frappe_commands()
