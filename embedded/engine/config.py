"""Which site this is, where it lies and how it is configured.

monoframe has one site, the working directory, configured by environment variables alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import frappe
import frappe.config
import frappe.database
import frappe.utils
import frappe.utils.caching

from embedded.engine.replace import replaces, restores

DEFAULTS = {
	"bench_id": "embedded",
	"redis_cache": "redis://embedded",
	"redis_queue": "redis://embedded",
	"developer_mode": 0,
	# there is no socket.io server here: without this, the Desk calls for one and reports each failure
	"disable_async": 1,
	"max_file_size": 25 * 1024 * 1024,
	"lang": "en",
	# nothing leaves the machine; without a sender, Frappe can't even write a notice that it would mail
	"mute_emails": 1,
	"mail_server": "127.0.0.1",
	"auto_email_id": "crm@harbourpress.example",
	"skip_setup_wizard": 1,
	"use_mysqlclient": 0,
}

_site_of_process: Path | None = None
_assets: Path | None = None
# What a running server knows better than the site's file, such as its own address.
overrides: dict[str, object] = {}


class NoSiteError(RuntimeError):
	"""Something asked for the site before one was connected."""


def use_site(path: Path | None) -> None:
	"""Make the site at `path` the one that `frappe.init()` without a name means in this process."""
	global _site_of_process
	if path and path != _site_of_process:
		# Kept by the site's name, which another folder may have, too.
		frappe.controllers.clear()
		frappe.lazy_controllers.clear()
		frappe.utils.caching._SITE_CACHE.clear()
	_site_of_process = path


def is_site_of_process(path: Path) -> bool:
	return _site_of_process == path


def site_folder(site: str | None = None, sites_path: str | None = None) -> Path:
	"""Return the folder of the site called `site`, or else of the process's site."""
	current = _site_of_process
	if not site or (current and current.name == site and sites_path in (None, ".")):
		if current is None:
			raise NoSiteError("No site is connected. Call embedded.site.Site.connect() first.")
		return current
	if current is None and sites_path is None:
		raise NoSiteError(f"No folder of sites is known to find {site} in.")
	return Path(sites_path if sites_path not in (None, ".") else current.parent, site).resolve()


@restores("frappe.config.enter_site", cut="the framework lived in the working directory and had no site name")
def enter_site(site: str | None = None, sites_path: str | None = None) -> None:
	"""Set the thread's site and folders; the first thing `frappe.init` does."""
	folder = site_folder(site, sites_path)
	local = frappe.local
	local.site = folder.name
	local.site_path = str(folder)
	local.sites_path = local.app_path = str(folder.parent)


@replaces("frappe.config.get_site_config", cut="configuration came from environment variables only")
def get_site_config(sites_path=None, site_path=None, *, cached=False):
	"""Return the configuration: defaults, `site_config.json`, the database server from the environment."""
	folder = Path(site_path or getattr(frappe.local, "site_path", None) or site_folder())
	config = frappe._dict(DEFAULTS)
	try:
		config.update(json.loads((folder / "site_config.json").read_text()))
	except FileNotFoundError:
		pass
	if config.db_type == "mariadb":
		from embedded.engine.database.mariadb_server import server_settings

		config.update(server_settings())
	config.update(overrides)
	return config


@replaces("frappe.get_site_name", cut="every site was called frappe")
def get_site_name() -> str:
	return frappe.local.site


@replaces("frappe.utils.get_sites", cut="every site was called frappe")
def get_sites(sites_path=None) -> list[str]:
	return [frappe.local.site]


@replaces("frappe.utils.get_bench_path", cut="the bench was the working directory")
def get_bench_path() -> str:
	"""Return the folder for what a bench shares between sites. Here each site has its own."""
	return getattr(frappe.local, "site_path", None) or str(site_folder())


@replaces("frappe.init_site", cut="the site's name was ignored")
class init_site:
	"""Context manager: the thread is initialised for `site` inside and cleared after."""

	def __init__(self, site=None):
		self.site = site

	def __enter__(self):
		frappe.init(self.site)
		return frappe.local

	def __exit__(self, *exception):
		frappe.destroy()


@replaces("frappe.connect", cut="the site's name was ignored, and a database without a password refused")
def connect(site: str | None = None, db_name: str | None = None, set_admin_as_user: bool = True) -> None:
	"""Open the database of the thread's site, or of `site`, as Administrator unless told otherwise."""
	if site or not getattr(frappe.local, "conf", None):
		frappe.init(site, force=bool(site))
	conf = frappe.local.conf
	frappe.local.db = frappe.database.get_db(
		socket=conf.db_socket,
		host=conf.db_host,
		port=conf.db_port,
		user=conf.db_user,
		password=conf.db_password,
		cur_db_name=db_name or conf.db_name,
	)
	if set_admin_as_user:
		frappe.set_user("Administrator")


# The Desk's assets: looked for in the working directory before.


def use_assets(folder: Path | None) -> None:
	"""Make `folder` the one whose `assets/assets.json` says which built file each bundle is."""
	global _assets
	_assets = folder
	if frappe.cache:
		frappe.cache.unlink("assets_json")


def assets_list() -> Path:
	return Path(_assets or frappe.local.site_path, "assets", "assets.json")


@replaces("frappe.utils.get_build_version", cut="looked for the assets in the working directory")
def get_build_version() -> str:
	try:
		return str(assets_list().stat().st_mtime)
	except FileNotFoundError:
		return "0"


@replaces("frappe.utils.get_assets_json", cut="looked for the assets in the working directory")
def get_assets_json() -> dict:
	try:
		return frappe._dict(json.loads(assets_list().read_text()))
	except FileNotFoundError:
		return frappe._dict()
