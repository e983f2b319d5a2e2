"""Migrating: patches and DocTypes of all installed apps. monoframe knew the framework's only."""

from __future__ import annotations

import frappe
import frappe.migrate
import frappe.model.sync
import frappe.patches
from frappe.patches import PatchType

from embedded.engine.replace import replaces


@replaces("frappe.patches.get_all_patches", cut="listed the framework's patches only")
def get_all_patches(patch_type: PatchType | None = None) -> list[str]:
	"""Return the patches of all installed apps, in the order of installation."""
	patches = []
	for app in frappe.get_installed_apps():
		patches += frappe.patches.get_patches_from_app(app, patch_type=patch_type)
	return patches


@replaces("frappe.model.sync.sync_all", cut="synced the framework only")
def sync_all(force: int = 0, reset_permissions: bool = False) -> None:
	"""Bring the DocTypes, reports, pages … of all installed apps into the database."""
	frappe.patches._patch_mode(True)
	for app in frappe.get_installed_apps():
		frappe.model.sync.sync_for(app, force, reset_permissions=reset_permissions)
	frappe.patches._patch_mode(False)
	frappe.clear_cache()


@replaces(
	"frappe.migrate.SiteMigration.required_services_running", cut="nothing; Redis is in the process here"
)
def required_services_running(self) -> bool:
	return True


def migrate() -> None:
	"""Migrate the connected site as `bench migrate` does, and leave the thread connected to it."""
	user = frappe.session.user
	frappe.migrate.SiteMigration(skip_search_index=True).run(site="")
	frappe.init(force=True)
	frappe.connect()
	frappe.set_user(user)
