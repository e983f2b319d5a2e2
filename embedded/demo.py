"""bin/demo: the demo company on this machine, from nothing to a web address."""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from embedded import assets, engine, site_changes
from embedded.demo_data.people import LOGINS
from embedded.paths import cache_folder, fingerprint
from embedded.progress import say, warn
from embedded.server import serve
from embedded.site import Site, run_in_subprocess, template_key, template_of

SITE_NAME = "demo.localhost"
PORTS_TO_TRY = 50
DOCTYPES_NAMED = 5
NOTHING_LOADED, NOT_REPLACED = 3, 4
WHO = {"rep": "Sales rep", "manager": "Sales manager", "hr": "HR", "administrator": "Administrator"}
FIRST_STEPS = (
	"To start: log in as the sales rep, open a customer of a colleague, make yourself the account manager and save.",
	"The strip on top of the form then says what happened, to everyone.",
)


class DemoError(RuntimeError):
	"""The demo can't run; the message says why and what to do."""


@dataclass(frozen=True)
class Demo:
	"""A demo site: its folder, what it was made of, and the name of the customer list it was made with, if any."""

	folder: Path
	key: str
	customers: str | None = None

	@property
	def site(self) -> Site:
		return Site.at(self.folder / SITE_NAME)

	@property
	def list(self) -> Path | None:
		"""The copy of the customer list that is kept to build the site again."""
		return self.folder / "customers.csv" if self.customers else None

	def remove(self) -> None:
		if (self.folder / SITE_NAME / "site_config.json").exists():
			self.site.drop()
		shutil.rmtree(self.folder, ignore_errors=True)


def run(options: argparse.Namespace) -> int:
	"""Prepare what is missing, then serve until interrupted. Return the exit code."""
	customers = options.customers and options.customers.expanduser()
	if customers and not customers.is_file():
		raise DemoError(f"There is no file {customers}.")
	with only_one(options.db):
		engine.wheel_folder()
		with ThreadPoolExecutor(max_workers=1) as beside:
			assets_folder = beside.submit(assets.build)
			current = load(options.db)
			demo = prepare(options.db, customers, options.reset)
			if demo is None:
				return NOT_REPLACED if current else NOTHING_LOADED
		port = free_port(options.host, options.port)
		announced = lambda address: announce(address, demo, options.host)  # noqa: E731
		serve(demo.site, options.host, port, assets=assets_folder.result(), announce=announced)
	say("Stopped.")
	return 0


@contextmanager
def only_one(db_type: str) -> Iterator[None]:
	"""Refuse to run a second demo on the same site: each would keep its own cache and run the same jobs."""
	try:
		with FileLock(demo_folder() / f"{db_type}.lock", blocking=False):
			yield
	except Timeout:
		raise DemoError("The demo runs already. Stop it there with Ctrl-C first.") from None


def announce(address: str, demo: Demo, host: str) -> None:
	"""Print where the demo is and who may log in."""
	say(f"\nThe demo runs at {address}{f' with the customers of {demo.customers}' * bool(demo.customers)}\n")
	for login in LOGINS:
		say(f"  {WHO[login.role]:<13}  {login.user:<36}  password: {login.password}")
	say("\n" + "\n".join(FIRST_STEPS) + "\n")
	if host not in ("127.0.0.1", "localhost", "::1"):
		warn(f"Listening on {host}: whoever reaches this machine can log in with these passwords.")
	say("Ctrl-C stops it. What you change is kept; bin/demo --reset starts over.")


# The site.


def prepare(db_type: str, customers: Path | None, reset: bool) -> Demo | None:
	"""Return the demo site to serve, made when needed; None when the present one may not go, or nothing was loaded."""
	current = load(db_type)
	for folder in demo_folder().glob(f"{db_type}-*"):
		if current is None or folder != current.folder:
			Demo(folder, key="").remove()
	called = customers.name if customers else None
	why = None
	if current and not reset:
		if customers and not (current.list and current.list.read_bytes() == customers.read_bytes()):
			why = f"A new demo site with the customers of {called} replaces the present one."
		elif current.key != demo_key(db_type, current.list):
			why = "The app has changed since the demo site was made: a new one replaces it."
			customers, called = current.list, current.customers
		else:
			return current
		if not may_be_replaced(current.site, why):
			return None
	return make(db_type, current, customers, called)


def make(db_type: str, current: Demo | None, customers: Path | None, called: str | None) -> Demo | None:
	"""Make a new demo site. The current one goes when the new one is ready, and stays when that fails."""
	folder = demo_folder() / f"{db_type}-{secrets.token_hex(4)}"
	demo = Demo(folder, demo_key(db_type, customers), called)
	folder.mkdir(parents=True)
	try:
		template_of("company" if customers else "demo", db_type).copy(folder / SITE_NAME)
		if customers and not load_list(demo, customers):
			demo.remove()
			warn(f"No customer was loaded.{' The demo site that was there before stays.' * bool(current)}")
			return None
		site_changes.note(demo.site)
	except BaseException:
		demo.remove()
		raise
	state = {"folder": str(folder), "key": demo.key, "customers": called}
	state_file(db_type).write_text(json.dumps(state))
	if current:
		current.remove()
	return demo


def may_be_replaced(site: Site, why: str) -> bool:
	"""Say why the demo site is to be replaced, and ask when people changed something on it.

	Where nobody can answer, the answer is no.
	"""
	say(why)
	changes = site_changes.since_noted(site)
	if not changes:
		return True
	named = [f"{number:,} {doctype}" for doctype, number in list(changes.items())[:DOCTYPES_NAMED]]
	named += ["others"] if len(changes) > DOCTYPES_NAMED else []
	warn(f"That would throw away what people saved or deleted on the demo site: {', '.join(named)}.")
	if sys.stdin.isatty() and input("Replace the demo site? [y/N] ").strip().lower() in ("y", "yes"):
		return True
	warn("Nothing was changed. Add --reset to agree.")
	return False


def load_list(demo: Demo, customers: Path) -> bool:
	"""Load the list in another process, which prints the report. Return whether a customer was loaded."""
	shutil.copyfile(customers, demo.list)
	say(f"… Loading the customers of {demo.customers}")
	arguments = ["load-customers", "--site-folder", str(demo.folder / SITE_NAME), str(customers)]
	return run_in_subprocess(arguments, accepted=(0, NOTHING_LOADED)) == 0


def load(db_type: str) -> Demo | None:
	"""Return the demo site that was served last, if it is still there."""
	try:
		state = json.loads(state_file(db_type).read_text())
		demo = Demo(Path(state["folder"]), state["key"], state["customers"])
	except (FileNotFoundError, ValueError, KeyError):
		return None
	return demo if (demo.folder / SITE_NAME / "site_config.json").exists() else None


def demo_key(db_type: str, customers: Path | None) -> str:
	"""Return what names a demo site: changes with the code and with the customer list."""
	if customers is None:
		return template_key("demo", db_type)
	# what is in the list counts, not what its file is called: the copy that is kept has a name of its own
	return fingerprint(template_key("company", db_type), customers.read_bytes().hex())


def demo_folder() -> Path:
	folder = cache_folder() / "demo"
	folder.mkdir(exist_ok=True)
	return folder


def state_file(db_type: str) -> Path:
	return demo_folder() / f"{db_type}.json"


def free_port(host: str, wanted: int) -> int:
	"""Return `wanted`, or the next free port, and say so. Raises DemoError when there is none nearby."""
	for port in range(wanted, min(wanted + PORTS_TO_TRY, 65536)):
		try:
			with socket.create_server((host, port)):
				pass
		except OSError as error:
			if isinstance(error, socket.gaierror | PermissionError):
				raise DemoError(f"The demo can't listen on {host}, port {port}: {error.strerror}.") from None
			continue
		if port != wanted:
			say(f"Port {wanted} is taken; using {port}.")
		return port
	raise DemoError(f"No port from {wanted} on is free on {host}. Choose another with --port.")


# Commands.


def load_customers(site_folder: Path, file: Path) -> int:
	"""Load a customer list into a site, print the report; return NOTHING_LOADED when no customer was."""
	site = Site.at(site_folder).connect()
	import frappe

	from embedded.demo_data import customer_list

	try:
		report = customer_list.load(file)
		# Nobody's request ends here: this runs in a process of its own, once.
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
	except customer_list.CustomerFileError as error:
		say(f"{file.name}: {error} Nothing was loaded.")
		return NOTHING_LOADED
	finally:
		site.disconnect()
	say(str(report))
	return 0 if report.loaded else NOTHING_LOADED


def run_app_command(name: str, arguments: list[str], db_type: str = "sqlite") -> int:
	"""Run a command that an app brings, as `bench --site SITE NAME` does, on the demo site."""
	demo = load(db_type)
	if demo is None:
		raise DemoError(f"There is no demo site yet to run {name} on. Start bin/demo once first.")
	engine.prepare(db_type)
	from embedded.engine import apps, config

	config.use_site(demo.site.path)
	commands: dict = {}
	for app in apps.get_all_apps():
		commands |= apps.get_app_commands(app)
	if name not in commands:
		known = ", ".join(sorted(commands)) or "none"
		raise DemoError(f"{name} is no command. Those of the apps are: {known}; see also bin/demo --help.")
	commands[name].main(args=arguments, prog_name=f"bin/demo {name}", obj={"sites": [demo.site.name]})
	return 0
