"""Which apps there are, which are installed, where they lie, and what they hook into.

monoframe has one app, the framework. Here any package with `hooks.py` and `modules.txt` that can be imported
is an app, and the installed ones are listed in the site's database as on a bench.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import types

import frappe
from frappe.utils.caching import request_cache, site_cache

from embedded.engine.replace import replaces, restores

KNOWN_APPS = ["frappe", "demo_crm", "crm_transparency"]
# The demo CRM has ERPNext's DocTypes; who requires ERPNext is content with it here.
STAND_INS = {"erpnext": "demo_crm"}


def is_app(name: str) -> bool:
	"""Say whether a package called `name` can be imported and is a Frappe app."""
	try:
		return bool(importlib.util.find_spec(f"{name}.hooks"))
	except ModuleNotFoundError:
		return False


def make_known(name: str) -> None:
	"""Add `name` to the apps that `frappe.get_all_apps()` lists."""
	if name not in KNOWN_APPS:
		KNOWN_APPS.append(name)


# Paths: only the framework had one.


@replaces("frappe.get_app_path", cut="returned the framework's folder for every app")
def get_app_path(app_name: str, *joins: str) -> str:
	return frappe.get_pymodule_path(app_name, *joins)


@replaces("frappe.get_app_source_path", cut="returned the framework's folder for every app")
def get_app_source_path(app_name: str, *joins: str) -> str:
	return frappe.get_pymodule_path(app_name, "..", *joins)


@replaces("frappe.get_module_list", cut="had the framework as default, so a missing name went unnoticed")
def get_module_list(app_name: str) -> list[str]:
	return frappe.get_file_items(get_app_path(app_name, "modules.txt"))


# Lists of apps: always the framework alone.


@replaces("frappe.get_all_apps", cut="listed the framework only")
def get_all_apps(with_internal_apps: bool = True, sites_path: str | None = None) -> list[str]:
	return [app for app in KNOWN_APPS if is_app(app)]


def _installed_apps() -> list[str]:
	if frappe.db:
		return json.loads(frappe.db.get_global("installed_apps") or "[]")
	frappe.connect(set_admin_as_user=False)
	try:
		return _installed_apps()
	finally:
		frappe.db.close()
		del frappe.local.db


@replaces("frappe.get_installed_apps", cut="listed the framework, whatever the database said")
@request_cache
def get_installed_apps(*, _ensure_on_bench: bool = False) -> list[str]:
	"""Return the installed apps in the order of installation; nothing while the database is being made."""
	if getattr(frappe.flags, "in_install_db", True):
		return []
	apps = _installed_apps()
	return [app for app in apps if is_app(app)] if _ensure_on_bench else apps


def set_installed_apps(apps: list[str]) -> None:
	"""Write down which apps are installed, and forget everything derived from the list before."""
	frappe.db.set_global("installed_apps", json.dumps(apps))
	# As Frappe's own installer does: what is imported from here on has to see it.
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	forget_hooks()


def forget_hooks() -> None:
	"""Make hooks and modules be read anew: for this thread, and for all threads of the process."""
	frappe.local.request_cache.clear()
	frappe.local.doc_events_hooks = None
	for key in ("app_hooks", "app_modules", "installed_app_modules", "module_app"):
		frappe.cache.delete_value(key)
		frappe.client_cache.delete_value(key)
	frappe.setup_module_map()


# Hooks: the framework's alone, and no way to ask for one app's.


@replaces("frappe._load_app_hooks", cut="read the framework's hooks only, and before it was installed, too")
def load_app_hooks(app_name: str | None = None) -> dict:
	"""Return the hooks of `app_name`, or of all installed apps merged in order of installation."""
	hooks: dict = {}
	for app in [app_name] if app_name else get_installed_apps(_ensure_on_bench=True):
		for key, value in inspect.getmembers(frappe.get_module(f"{app}.hooks"), predicate=_is_hook):
			if not key.startswith("_"):
				frappe.append_hook(hooks, key, value)
	return hooks


def _is_hook(value) -> bool:
	return not isinstance(value, types.ModuleType | types.FunctionType | type)


_hooks_of_app = request_cache(load_app_hooks)
_hooks_of_site = site_cache(load_app_hooks)


@replaces("frappe.get_hooks", cut="had no app_name")
def get_hooks(hook: str | None = None, default="_KEEP_DEFAULT_LIST", app_name: str | None = None):
	"""Return all hooks, or the values of one, of one app or of all installed apps."""
	if app_name:
		hooks = _hooks_of_app(app_name)
	elif frappe.local.conf.developer_mode:
		hooks = _hooks_of_site()
	else:
		hooks = frappe.client_cache.get_value("app_hooks")
		if hooks is None:
			hooks = load_app_hooks()
			frappe.client_cache.set_value("app_hooks", hooks)
	if hook:
		return hooks.get(hook, [] if default == "_KEEP_DEFAULT_LIST" else default)
	return frappe._dict(hooks)


@replaces("frappe.setup_module_map", cut="every module belonged to the framework")
def setup_module_map(include_all_apps: bool = True) -> None:
	"""Set the thread's maps: app → its modules, module → its app."""
	key = "app_modules" if include_all_apps else "installed_app_modules"
	app_modules = frappe.cache.get_value(key)
	if not app_modules:
		apps = get_all_apps() if include_all_apps else get_installed_apps(_ensure_on_bench=True)
		app_modules = {app: [frappe.scrub(module) for module in get_module_list(app)] for app in apps}
		if apps:
			frappe.cache.set_value(key, app_modules)
	frappe.local.app_modules = app_modules
	frappe.local.module_app = {module: app for app, modules in app_modules.items() for module in modules}


@replaces("frappe.get_attr", cut="ran code of apps that aren't installed")
def get_attr(method_string: str):
	"""Return the object at a dotted path. Raises AppNotInstalledError for an app this site doesn't have."""
	app = method_string.split(".", 1)[0]
	flags = frappe.local.flags
	being_changed = flags.in_install_db or flags.in_install or flags.in_uninstall
	if not being_changed and app not in get_installed_apps():
		frappe.throw(frappe._("App {0} is not installed").format(app), frappe.AppNotInstalledError)
	module, _, name = method_string.rpartition(".")
	return getattr(frappe.get_module(module), name)


# Setup: the wizard asked "is it complete?" in a place that is never set.


@replaces("frappe.is_setup_complete", cut="looked for a table of a Single, which has none: always False")
@request_cache
def is_setup_complete() -> bool:
	return bool(frappe.db.get_single_value("System Settings", "setup_complete"))


@replaces("frappe.utils.installed_apps.get_setup_wizard_completed_apps", cut="named the framework only")
def get_setup_wizard_completed_apps() -> list[str]:
	return get_installed_apps() if is_setup_complete() else []


# Commands of apps: `bench --site SITE COMMAND` looked in `<app>.commands`; monoframe has no bench.


@restores("frappe.utils.bench_helper.get_app_commands", cut="apps could not bring command line commands")
def get_app_commands(app: str) -> dict:
	"""Return the click commands of an app by name; empty when it has none."""
	if not importlib.util.find_spec(f"{app}.commands"):
		return {}
	module = importlib.import_module(f"{app}.commands")
	return {command.name: command for command in getattr(module, "commands", [])}
