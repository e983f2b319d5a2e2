"""What has to be changed inside the engine's files, because no function around it can be replaced instead.

Mostly one thing: monoframe has no other app than the framework, so calls in the middle of long functions
lost the argument that says which app's hooks are meant. Everything else is restored in the other modules
of this package, which replace whole functions at import time.
"""

from __future__ import annotations

from typing import NamedTuple


class Edit(NamedTuple):
	"""An exact text in a file of the package `frappe`, what to put there, and how often it occurs."""

	file: str
	before: str
	after: str
	times: int = 1


EDITS = (
	# Python 3.12's `type` statement; the local annotation that uses the name is never evaluated.
	Edit("desk/doctype/event/event.py", "\ttype EventLikeDict = Event | frappe._dict\n", ""),
	# The site: `init` took no site and lived in the working directory.
	Edit(
		"__init__.py",
		"def init(force: bool = False) -> None:",
		"def init(site=None, sites_path=None, new_site: bool = False, force: bool = False) -> None:",
	),
	Edit(
		"__init__.py",
		"\tlocal.app_path = os.getcwd()\n\tlocal.site_path = os.getcwd()\n",
		"\tfrappe.config.enter_site(site, sites_path)\n",
	),
	Edit(
		"utils/background_jobs.py",
		"frappe.init(force=True)",
		"frappe.init(site, force=True)",
		times=2,
	),
	# Which app's hooks: the argument `app_name` is gone everywhere.
	Edit(
		"desk/form/meta.py",
		"frappe.get_hooks(hook, default={})",
		"frappe.get_hooks(hook, default={}, app_name=app_name)",
	),
	Edit("boot.py", 'for app_name in ["frappe"]:', "for app_name in frappe.get_installed_apps():"),
	Edit("boot.py", 'for app in ["frappe"]:', "for app in frappe.get_installed_apps():"),
	Edit("boot.py", 'get_hooks("add_to_apps_screen")', 'get_hooks("add_to_apps_screen", app_name=app_name)'),
	Edit("boot.py", 'get_hooks("app_title")', 'get_hooks("app_title", app_name=app_name)'),
	Edit("boot.py", 'get_hooks("app_home")', 'get_hooks("app_home", app_name=app_name)'),
	Edit("boot.py", 'get_hooks("app_logo_url")', 'get_hooks("app_logo_url", app_name=app_name)'),
	Edit(
		"apps.py",
		'app_details = frappe.get_hooks("add_to_apps_screen")',
		'app_details = frappe.get_hooks("add_to_apps_screen", app_name=app)',
		times=2,
	),
	Edit(
		"desk/doctype/desktop_icon/desktop_icon.py",
		'if frappe.get_hooks()["app_title"][0] == self.label or self.app == a:',
		'if frappe.get_hooks("app_title", app_name=a)[0] == self.label or self.app == a:',
	),
	Edit(
		"desk/doctype/desktop_icon/desktop_icon.py",
		'permission_method = frappe.get_hooks()["add_to_apps_screen"][0].get(',
		'permission_method = (frappe.get_hooks("add_to_apps_screen", app_name=a) or [{}])[0].get(',
	),
	Edit(
		"desk/doctype/desktop_icon/desktop_icon.py",
		'app_title = frappe.get_hooks("app_title")[0]\n\t\t\t\tapp_icon',
		'app_title = frappe.get_hooks("app_title", app_name=app_name)[0]\n\t\t\t\tapp_icon',
	),
	Edit(
		"desk/doctype/desktop_icon/desktop_icon.py",
		'app_title = frappe.get_hooks("app_title")[0]\n'
		'\t\tapp_details = frappe.get_hooks("add_to_apps_screen")',
		'app_title = frappe.get_hooks("app_title", app_name=a)[0]\n'
		'\t\tapp_details = frappe.get_hooks("add_to_apps_screen", app_name=a)',
	),
	Edit(
		"desk/doctype/changelog_feed/changelog_feed.py",
		'frappe.get_hooks("app_title")[0]',
		'frappe.get_hooks("app_title", app_name=app_name)[0]',
	),
	Edit(
		"utils/change_log.py", "app_hooks = frappe.get_hooks()", "app_hooks = frappe.get_hooks(app_name=app)"
	),
	Edit(
		"utils/install.py",
		'app_title = frappe.get_hooks()["app_title"][0]',
		'app_title = frappe.get_hooks("app_title", app_name=app_name)[0]',
	),
	Edit(
		"utils/fixtures.py",
		'frappe.get_hooks("fixture_auto_order")',
		'frappe.get_hooks("fixture_auto_order", app_name=app)',
	),
	Edit("utils/fixtures.py", 'frappe.get_hooks("fixtures")', 'frappe.get_hooks("fixtures", app_name=app)'),
	Edit(
		"model/module_utils.py",
		'frappe.get_hooks(hook="app_publisher")',
		'frappe.get_hooks(hook="app_publisher", app_name=app)',
	),
	Edit(
		"migrate.py", 'frappe.get_hooks("before_migrate")', 'frappe.get_hooks("before_migrate", app_name=app)'
	),
	Edit(
		"migrate.py",
		'frappe.get_hooks("override_doctype_class", {})',
		'frappe.get_hooks("override_doctype_class", {}, app_name=app)',
	),
	Edit(
		"desk/page/setup_wizard/setup_wizard.py",
		'frappe.get_hooks().get("setup_wizard_stages")',
		'frappe.get_hooks(app_name=app_name).get("setup_wizard_stages")',
	),
	Edit(
		"custom/report/audit_system_hooks/audit_system_hooks.py",
		"frappe.get_hooks(hook)",
		"frappe.get_hooks(hook, app_name=app)",
		times=2,
	),
	Edit(
		"core/doctype/user_invitation/user_invitation.py",
		'user_invitation_hooks = frappe.get_hooks("user_invitation")',
		'user_invitation_hooks = frappe.get_hooks("user_invitation", app_name=app)',
	),
	# Installing another app than the framework was refused, and the framework's hooks were run for it.
	Edit(
		"installer.py",
		'\tif name != "frappe":\n\t\traise ValueError("Single-tenant: only frappe can be installed. '
		'Use frappe new to create a project.")\n',
		"",
	),
	Edit(
		"installer.py",
		"\tapp_hooks = frappe.get_hooks()\n\tinstalled_apps",
		"\tapp_hooks = frappe.get_hooks(app_name=name)\n\tinstalled_apps",
	),
	# The framework's modules come with its DocTypes; the DocType of modules isn't there yet at this point.
	Edit(
		"installer.py",
		"\tadd_module_defs(name, ignore_if_duplicate=force)\n",
		'\tif name != "frappe":\n\t\tadd_module_defs(name, ignore_if_duplicate=force)\n',
	),
	# Names of variables in templates were three random letters. About once in a thousand loads of the Desk they were a
	# word of JavaScript's, such as `for` or `new`, and the page stayed empty.
	Edit(
		"public/js/frappe/microtemplate.js",
		"frappe.utils.get_random(3)",
		"frappe.utils.get_random(12)",
		times=2,
	),
	# Rows are locked on SQLite, too, so that two saves of one document can't overwrite each other.
	Edit(
		"model/document.py",
		'if self.flags.for_update and frappe.db.db_type != "sqlite":',
		"if self.flags.for_update:",
		times=2,
	),
)
