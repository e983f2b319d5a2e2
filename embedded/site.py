"""Sites: built once for each state of what they are made of, copied for everyone who needs one.

A site is a folder as on a bench (`site_config.json`, `public`, `private`, `logs`, `locks`) and a database:
a file in the folder, or a database on a MariaDB server.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from embedded import engine
from embedded.engine.wheel import engine_hash
from embedded.paths import EMBEDDED_APPS, REPOSITORY, cache_folder, fingerprint, source_files
from embedded.progress import step

DEFAULT_PASSWORD = "transparency"
FOLDERS = ("public/files", "private/files", "private/backups", "locks", "logs", "db", "assets")
# What of an app never gets into a database.
NOT_IN_DATABASE = {"public", "locale", "www", "templates", "client_scripts"}
TEMPLATE_NAME = "template.localhost"
UNFINISHED = "building"
DAYS_TO_KEEP_TEMPLATES = 3
LOG_LINES_SHOWN = 25


class SiteError(RuntimeError):
	"""A site couldn't be built or used; the message says why and what to do."""


@dataclass(frozen=True)
class Site:
	"""One site. `path` is its folder, whose name is the site's name."""

	path: Path
	db_type: str
	db_name: str

	@classmethod
	def at(cls, path: Path) -> Site:
		"""Return the site that lies in the folder `path`. Raises SiteError when there is none."""
		try:
			config = json.loads((path / "site_config.json").read_text())
		except FileNotFoundError:
			raise SiteError(f"There is no site in {path}.") from None
		return cls(path.resolve(), config["db_type"], config["db_name"])

	@classmethod
	def make(cls, path: Path, db_type: str) -> Site:
		"""Make the folder of a new site, without a database in it yet."""
		for folder in FOLDERS:
			(path / folder).mkdir(parents=True, exist_ok=True)
		(path / "assets" / "assets.json").write_text("{}")
		config = {"db_type": db_type, "db_name": new_database_name(), "admin_password": DEFAULT_PASSWORD}
		write_config(path, config)
		return cls.at(path)

	@property
	def name(self) -> str:
		return self.path.name

	def connect(self, user: str = "Administrator") -> Site:
		"""Make this the site of the process, and connect the thread to it as `user`. Returns the site."""
		engine.prepare(self.db_type)
		import frappe

		from embedded.engine import config

		if getattr(frappe.local, "initialised", False):
			frappe.destroy()
		config.use_site(self.path)
		frappe.init(force=True)
		frappe.connect()
		frappe.set_user(user)
		return self

	def disconnect(self) -> None:
		"""Close the thread's connection. What wasn't committed is lost."""
		import frappe

		from embedded.engine import config, logs

		frappe.destroy()
		logs.close()
		config.use_site(None)

	def copy(self, target: Path) -> Site:
		"""Copy the site, with its files and what is committed in its database, to the folder `target`."""
		if target.exists() and any(target.iterdir()):
			raise SiteError(f"{target} isn't empty.")
		temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
		try:
			shutil.copytree(self.path, temporary, ignore=shutil.ignore_patterns("db", "logs", "locks"))
			for folder in FOLDERS:
				(temporary / folder).mkdir(parents=True, exist_ok=True)
			config = json.loads((temporary / "site_config.json").read_text())
			config["db_name"] = new_database_name()
			write_config(temporary, config)
			database_of(self.db_type).copy(self, Site.at(temporary))
			if target.exists():
				target.rmdir()
			target.parent.mkdir(parents=True, exist_ok=True)
			temporary.rename(target)
		except BaseException:
			shutil.rmtree(temporary, ignore_errors=True)
			raise
		return Site.at(target)

	def drop(self) -> None:
		"""Delete the site: database and folder. Disconnects the thread if it is connected to it."""
		if "frappe" in sys.modules:
			from embedded.engine import config

			if config.is_site_of_process(self.path):
				self.disconnect()
		database_of(self.db_type).drop(self)
		shutil.rmtree(self.path, ignore_errors=True)


def new_database_name() -> str:
	return f"ct_{secrets.token_hex(6)}"


def write_config(path: Path, config: dict) -> None:
	(path / "site_config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")


def database_of(db_type: str):
	"""Return the module that makes, copies, reads and drops databases of this type."""
	if db_type == "mariadb":
		from embedded import site_mariadb

		return site_mariadb
	from embedded import site_sqlite

	return site_sqlite


# Templates: in stages, each a copy of the one before with one thing more, so that a change in the last app
# costs only the last stage.


@dataclass(frozen=True)
class Stage:
	"""One step on the way to a site: what it is made of beyond the stage before, and how it is made."""

	name: str
	title: str
	parts: Callable[[str], list[str | Path]]
	build: Callable[[], None]


def template(db_type: str = "sqlite", demo: bool = False) -> Site:
	"""Return the site with all apps, and with the demo company's data if `demo`; built when missing.

	Don't change it: `copy` it. Raises SiteError when building fails.
	"""
	return template_of("demo" if demo else "apps", db_type)


def template_of(content: str, db_type: str = "sqlite") -> Site:
	"""Return the site with one of CONTENTS; see `template`."""
	stages = CONTENTS[content]
	# Again when a file was edited while the build was going on: what was built is then another state's.
	while not _is_complete(folder := _stage_folder(stages, db_type)):
		run_in_subprocess(["build-template", "--db", db_type, "--content", content])
	os.utime(folder)
	return Site.at(folder / TEMPLATE_NAME)


def template_key(content: str, db_type: str) -> str:
	"""Return what names a template: changes with everything that it is made of."""
	return _stage_key(CONTENTS[content], db_type)


def run_in_subprocess(arguments: list[str], accepted: tuple[int, ...] = (0,)) -> int:
	"""Run `python -m embedded` with `arguments` in a process of its own; returns the exit code.

	Working on a site leaves traces in the process that does it. What the engine prints goes to a log file, which
	is kept when the exit code isn't `accepted`: then SiteError is raised with the file's last lines.
	"""
	log = cache_folder() / "logs" / f"{arguments[0]}-{secrets.token_hex(4)}.log"
	log.parent.mkdir(exist_ok=True)
	with log.open("w") as output:
		# This very program, without a shell; a command line starts it, never a request.
		command = [sys.executable, "-m", "embedded", *arguments]
		result = subprocess.run(command, cwd=REPOSITORY, stderr=output)  # nosemgrep: frappe-subprocess-exec
	if result.returncode not in accepted:
		last_lines = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
		raise SiteError(f"The site could not be built. The end of {log}:\n{last_lines}")
	log.unlink()
	return result.returncode


def build_template(content: str, db_type: str) -> None:
	"""Build all missing stages in this process. What the engine prints goes to standard error."""
	stages = CONTENTS[content]
	with FileLock(cache_folder() / f"template-{db_type}.lock"):
		# All at once: who edits a file in between gets what was there at the start, under that state's name.
		folders = [_stage_folder(stages[: count + 1], db_type) for count in range(len(stages))]
		remove_old_templates(db_type)
		for stage, base, folder in zip(stages, [None, *folders], folders, strict=False):
			if not _is_complete(folder):
				with step(stage.title), redirect_stdout(sys.stderr):
					_build_stage(stage, base, folder, db_type)


def _build_stage(stage: Stage, base: Path | None, folder: Path, db_type: str) -> None:
	scratch = folder.with_name(f"{UNFINISHED}-{db_type}-{secrets.token_hex(4)}")
	path = scratch / TEMPLATE_NAME
	if base:
		os.utime(base)
	site = Site.at(base / TEMPLATE_NAME).copy(path) if base else Site.make(path, db_type)
	try:
		if not base:
			database_of(db_type).create(site)
		site.connect()
		stage.build()
		import frappe

		frappe.db.commit()
		site.disconnect()
		database_of(db_type).settle(site)
		folder.parent.mkdir(parents=True, exist_ok=True)
		scratch.rename(folder)
	except BaseException:
		site.drop()
		shutil.rmtree(scratch, ignore_errors=True)
		raise


def _stage_key(stages: tuple[Stage, ...], db_type: str) -> str:
	parts: list[str | Path] = []
	for stage in stages:
		parts += [stage.name, *stage.parts(db_type)]
	return fingerprint(*parts)


def _stage_folder(stages: tuple[Stage, ...], db_type: str) -> Path:
	return cache_folder() / "templates" / f"{db_type}-{stages[-1].name}-{_stage_key(stages, db_type)}"


def _is_complete(folder: Path) -> bool:
	return (folder / TEMPLATE_NAME / "site_config.json").exists()


def remove_old_templates(db_type: str) -> None:
	"""Delete what interrupted builds left, and templates that nobody used for some days."""
	templates = cache_folder() / "templates"
	oldest = time.time() - DAYS_TO_KEEP_TEMPLATES * 86400
	unused = [folder for folder in templates.glob(f"{db_type}-*") if folder.stat().st_mtime < oldest]
	for folder in [*templates.glob(f"{UNFINISHED}-{db_type}-*"), *unused]:
		with suppress(SiteError):
			Site.at(folder / TEMPLATE_NAME).drop()
		shutil.rmtree(folder, ignore_errors=True)


# The stages.


def _engine_parts(db_type: str) -> list[str | Path]:
	"""Return what decides how the framework is installed; the rest of the engine only matters at run time."""
	embedded = REPOSITORY / "embedded"
	code = [embedded / "engine" / f"{name}.py" for name in ("apps", "install", "migrate")]
	code += sorted((embedded / "engine" / "database").glob(f"{db_type}*.py"))
	return [engine_hash(), *code, embedded / "site.py", embedded / f"site_{db_type}.py"]


def _app_parts(package: Path) -> list[str | Path]:
	"""Return the files of an app that can change what installing it puts into a database."""
	files = [
		file
		for file in source_files(package)
		if not NOT_IN_DATABASE.intersection(file.relative_to(package).parts)
	]
	return [part for file in files for part in (str(file.relative_to(package)), file)]


def _install_framework() -> None:
	import frappe
	from frappe.installer import install_app

	frappe.db.create_auth_table()
	frappe.db.create_global_search_table()
	frappe.db.create_user_settings_table()
	frappe.flags.in_install_db = False
	install_app("frappe")
	_complete_setup()


def _complete_setup() -> None:
	"""Answer what the setup wizard asks, so that the Desk opens."""
	import frappe

	settings = frappe.get_single("System Settings")
	settings.update(
		{
			"country": "United Kingdom",
			"language": "en",
			"time_zone": "Europe/London",
			"currency": "GBP",
			"setup_complete": 1,
			"enable_scheduler": 1,
			"enable_telemetry": 0,
			"disable_system_update_notification": 1,
			"disable_change_log_notification": 1,
		}
	)
	settings.flags.ignore_mandatory = True
	settings.save()
	frappe.db.set_default("desktop:home_page", "workspace")


def _install(app: str) -> Callable[[], None]:
	def build() -> None:
		from frappe.installer import install_app

		install_app(app)

	return build


def _create_company(with_customers: bool) -> Callable[[], None]:
	def build() -> None:
		from embedded.demo_data import company

		company.create(with_customers=with_customers)

	return build


def _demo_parts(_) -> list[str | Path]:
	return [REPOSITORY / "embedded" / "demo_data"]


APPS = (
	Stage("frappe", "Making a site", _engine_parts, _install_framework),
	Stage(
		"demo_crm",
		"Installing the demo CRM",
		lambda _: _app_parts(EMBEDDED_APPS / "demo_crm"),
		_install("demo_crm"),
	),
	Stage(
		"crm_transparency",
		"Installing CRM Transparency",
		lambda _: _app_parts(REPOSITORY / "crm_transparency"),
		_install("crm_transparency"),
	),
)
CONTENTS: dict[str, tuple[Stage, ...]] = {
	"without_app": APPS[:2],
	"apps": APPS,
	"company": (*APPS, Stage("company", "Hiring the demo company", _demo_parts, _create_company(False))),
	"demo": (
		*APPS,
		Stage("demo", "Writing 18 months of the demo company", _demo_parts, _create_company(True)),
	),
}
