"""Installing apps on a site and taking them off again, in the order of steps that a bench follows.

The steps of installing are still in `frappe.installer.install_app`; what was cut is everything that writes
down which apps are installed, the apps that an app requires, and uninstalling as a whole.
"""

from __future__ import annotations

import click
import frappe
import frappe.installer
from frappe.installer import _delete_doctypes, _delete_modules, post_install

from embedded.engine.apps import STAND_INS, forget_hooks, is_app, make_known, set_installed_apps
from embedded.engine.replace import replaces

_framework_install_app = frappe.installer.install_app


class UnknownAppError(frappe.ValidationError):
	"""There is no such app to install."""


def app_of_requirement(requirement: str) -> str:
	"""Return the app that an entry of `required_apps` means: "frappe/erpnext", or a repository's address."""
	name = requirement.rstrip("/").rsplit("/", 1)[-1].split("@", 1)[0].removesuffix(".git")
	return STAND_INS.get(name, name)


# Installing: other apps than the framework were refused, requirements ignored.


@replaces("frappe.installer.install_app", cut="refused every app but the framework")
def install_app(name: str, verbose: bool = False, set_as_patched: bool = True, force: bool = False) -> None:
	"""Install an app and first what it requires; does nothing when it is installed already and not `force`d.

	Raises UnknownAppError when no such package can be imported.
	"""
	if not is_app(name):
		raise UnknownAppError(
			f"There is no app {name}: no package of that name with hooks.py can be imported."
		)
	make_known(name)
	for requirement in frappe.get_hooks("required_apps", app_name=name):
		install_app(app_of_requirement(requirement), verbose=verbose, force=force)
	if name != "frappe" and name not in frappe.get_installed_apps():
		frappe.only_for("System Manager")
	try:
		_framework_install_app(name, verbose, set_as_patched, force)
	finally:
		frappe.flags.in_install = False
		forget_hooks()


@replaces("frappe.installer.add_to_installed_apps", cut="wrote nothing down")
def add_to_installed_apps(app_name: str, rebuild_website: bool = True) -> None:
	"""Write down that the app is installed, after its DocTypes exist and before its `after_install` runs."""
	installed = frappe.get_installed_apps()
	if app_name not in installed:
		set_installed_apps([*installed, app_name])
		if frappe.flags.in_install:
			post_install(rebuild_website)


@replaces("frappe.installer.remove_from_installed_apps", cut="wrote nothing down")
def remove_from_installed_apps(app_name: str) -> None:
	"""Write down that the app isn't installed any more."""
	set_installed_apps([app for app in frappe.get_installed_apps() if app != app_name])
	if frappe.flags.in_install:
		post_install()


# Uninstalling: refused altogether.


@replaces("frappe.installer.remove_app", cut="refused every app")
def remove_app(
	app_name: str, dry_run: bool = False, yes: bool = False, no_backup: bool = False, force: bool = False
) -> None:
	"""Take an app off the site: its modules, what belongs to them, its DocTypes and their tables.

	Says so and does nothing when the app isn't installed (unless `force`d) or another app requires it. No
	backup is made and nothing is asked here, as these sites can be built again.
	"""
	if app_name not in frappe.get_installed_apps() and not force:
		click.secho(f"App {app_name} is not installed on Site {frappe.local.site}", fg="yellow")
		return
	if dependant := _dependant(app_name):
		click.secho(
			f"App {app_name} is a dependency of {dependant}. Uninstall {dependant} first.", fg="yellow"
		)
		return
	print(f"Uninstalling App {app_name} from Site {frappe.local.site}...")
	hooks = frappe.get_hooks(app_name=app_name)
	frappe.flags.in_uninstall = True
	try:
		_call(hooks.before_uninstall)
		_call(frappe.get_hooks("before_app_uninstall"), app_name)
		modules = frappe.get_all("Module Def", filters={"app_name": app_name}, pluck="name")
		_delete_doctypes(_delete_modules(modules, dry_run=dry_run), dry_run=dry_run)
		if not dry_run:
			remove_from_installed_apps(app_name)
		_call(hooks.after_uninstall)
		_call(frappe.get_hooks("after_app_uninstall"), app_name)
		# As Frappe's own installer does: an app goes as a whole, and nobody's request ends here.
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
	finally:
		frappe.flags.in_uninstall = False
	frappe.clear_cache()
	forget_hooks()


def _dependant(app_name: str) -> str | None:
	for app in frappe.get_installed_apps():
		required = frappe.get_hooks("required_apps", app_name=app) if app != app_name else []
		if app_name in map(app_of_requirement, required):
			return app
	return None


def _call(methods: list[str] | None, *arguments) -> None:
	for method in methods or []:
		frappe.get_attr(method)(*arguments)
