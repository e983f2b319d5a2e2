"""bin/demo: the demo company on this machine, from nothing to a web address."""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import psutil
from filelock import FileLock, Timeout

from embedded import assets, engine, site_changes
from embedded.demo_consent import may_be_replaced
from embedded.demo_data.logins import LOGINS
from embedded.paths import cache_folder, fingerprint
from embedded.progress import say, warn
from embedded.server import serve
from embedded.site import Site, run_in_subprocess, template_key, template_of

SITE_NAME = "demo.localhost"
PORTS_TO_TRY = 50
FATAL_FILE, NOT_REPLACED = 3, 4
SECONDS_TO_TIDY_UP = 3
WHO = {"rep": "Sales rep", "manager": "Sales manager", "hr": "HR", "administrator": "Administrator"}


FIRST_STEPS = (
	"To start: log in as the sales rep, open a customer of a colleague, make yourself the account manager and save.",
	"The strip on top of the form then says what happened, to everyone.",
)


class DemoError(RuntimeError):
	"""The demo can't run; the message says why and what to do."""


@dataclass(frozen=True)
class Demo:
	"""A demo site: its folder, what it was made of, and the customer list it was made with, if any."""

	folder: Path
	key: str
	customers: str | None = None

	@property
	def site(self) -> Site:
		return Site.at(self.folder / SITE_NAME)

	@property
	def customers_file(self) -> Path | None:
		"""The copy of the customer list that is kept to build the site again."""
		return self.folder / "customers.csv" if self.customers else None

	def holds(self, customers: Path) -> bool:
		"""Say whether the site was made of this list."""
		kept = self.customers_file
		return bool(kept) and kept.exists() and kept.read_bytes() == customers.read_bytes()

	def is_current(self) -> bool:
		"""Say whether the site was made by the code as it is now."""
		return self.key == demo_key(self.site.db_type, self.customers_file)


class Contents(NamedTuple):
	"""What a new demo site is to hold, why it takes the place of the present one, and how to keep that instead.

	`customers` is a customer list and `called` its name; without, there are the made-up customers.
	"""

	why: str
	instead: str
	customers: Path | None
	called: str | None


def run(options: argparse.Namespace) -> int:
	"""Prepare what is missing, then serve until interrupted. Returns the exit code."""
	customers = options.customers and options.customers.expanduser()
	if customers and not _is_readable(customers):
		return FATAL_FILE
	with only_one(options.db) as address_file:
		current = load(options.db)
		contents = to_be_made(options.db, current, customers, options.reset)
		if contents and not (options.reset or is_agreed(current, contents)):
			return NOT_REPLACED
		prepared = _prepare_together(options.db, current, contents)
		if prepared is None:
			return FATAL_FILE
		demo, assets_folder = prepared

		def tell(address: str) -> None:
			address_file.write_text(address)
			announce(address, demo, options)

		port = free_port(options.host, options.port)
		serve(demo.site, options.host, port, assets=assets_folder, announce=tell)
	say("Stopped.")
	return 0


@contextmanager
def only_one(db_type: str) -> Iterator[Path]:
	"""Refuse to run a second demo on the same site: each would keep its own cache and run the same jobs.

	Gives the file to write the address to, for the message to whoever tries. Raises DemoError.
	"""
	folder = demo_folder()
	address_file = folder / f"{db_type}.address"
	lock = FileLock(folder / f"{db_type}.lock")
	try:
		lock.acquire(blocking=False)
	except Timeout:
		address = address_file.read_text() if address_file.exists() else ""
		where = f" at {address}" if address else ""
		raise DemoError(f"The demo runs already{where}. Stop it there with Ctrl-C first.") from None
	try:
		yield address_file
	finally:
		address_file.unlink(missing_ok=True)
		lock.release()


def _prepare_together(
	db_type: str, current: Demo | None, contents: Contents | None
) -> tuple[Demo, Path] | None:
	"""Make the site and the Desk's assets at the same time, as far as they are missing."""
	engine.wheel_folder()
	with ThreadPoolExecutor(max_workers=2) as together:
		assets_folder = together.submit(assets.build)
		demo = together.submit(prepare, db_type, current, contents)
		try:
			if demo.result():
				return demo.result(), assets_folder.result()
		except BaseException:
			_end_children()
			raise
		_end_children()
		return None


def _end_children() -> None:
	"""End what the two threads wait for; npm goes on for a minute when it is only interrupted."""
	children = psutil.Process().children(recursive=True)
	_, alive = psutil.wait_procs(children, timeout=SECONDS_TO_TIDY_UP)
	for child in alive:
		with suppress(psutil.NoSuchProcess):
			child.kill()


def announce(address: str, demo: Demo, options: argparse.Namespace) -> None:
	"""Print where the demo is and who may log in."""
	say()
	say(f"The demo runs at {address}")
	if demo.customers:
		say(f"with the customers of {demo.customers}")
	say()
	rows = [(WHO.get(login.role, login.role), login.user, login.password) for login in LOGINS]
	who_width, user_width = (max(len(row[column]) for row in rows) for column in (0, 1))
	for who, user, password in rows:
		say(f"  {who:<{who_width}}  {user:<{user_width}}  password: {password}")
	say()
	for line in FIRST_STEPS:
		say(line)
	say()
	if options.host not in ("127.0.0.1", "localhost", "::1"):
		warn(f"Listening on {options.host}: whoever reaches this machine can log in with these passwords.")
	say("Ctrl-C stops it. What you change is kept; bin/demo --reset starts over.")


# The site.


def to_be_made(db_type: str, current: Demo | None, customers: Path | None, reset: bool) -> Contents | None:
	"""Return what a new demo site is to hold; None when the current one is to be served as it is."""
	called = customers.name if customers else None
	if current is None or reset:
		return Contents("", "", customers, called)
	if customers and not current.holds(customers):
		why = f"A new demo site with the customers of {called} replaces the present one."
		return Contents(why, "Without --customers, bin/demo goes on with what is there.", customers, called)
	if not current.is_current():
		why = "The app has changed since the demo site was made: a new one replaces it."
		instead = "The version of the app that made the present one still runs it."
		return Contents(why, instead, current.customers_file, current.customers)
	if customers:
		say(f"The demo site was made of {called}, and is kept as it is. --reset loads the list again.")
	return None


def is_agreed(current: Demo | None, contents: Contents) -> bool:
	"""Ask whether the present demo site may go, if there is one to lose something of."""
	return current is None or may_be_replaced(current.site, contents.why, contents.instead)


def prepare(db_type: str, current: Demo | None, contents: Contents | None) -> Demo | None:
	"""Return the demo site to serve, made when needed; None when no customer could be loaded."""
	_remove_unfinished(db_type, current)
	return replace(db_type, current, contents) if contents else current


def replace(db_type: str, current: Demo | None, contents: Contents) -> Demo | None:
	"""Make a new demo site. The current one goes when the new one is ready, and stays when that fails."""
	customers = contents.customers
	folder = demo_folder() / f"{db_type}-{secrets.token_hex(4)}"
	demo = Demo(folder, demo_key(db_type, customers), contents.called)
	folder.mkdir(parents=True)
	try:
		template = template_of("company" if customers else "demo", db_type)
		template.copy(folder / SITE_NAME)
		if customers and not _load_customers(demo, customers):
			_remove(demo)
			warn(f"No customer was loaded.{' The demo site that was there before stays.' if current else ''}")
			return None
		site_changes.note(demo.site)
	except BaseException:
		_remove(demo)
		raise
	_state_file(db_type).write_text(json.dumps(asdict(demo) | {"folder": str(folder)}))
	if current:
		_remove(current)
	return demo


def load(db_type: str) -> Demo | None:
	"""Return the demo site that was served last, if it is still there."""
	try:
		state = json.loads(_state_file(db_type).read_text())
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


def _state_file(db_type: str) -> Path:
	return demo_folder() / f"{db_type}.json"


def _remove_unfinished(db_type: str, current: Demo | None) -> None:
	for folder in demo_folder().glob(f"{db_type}-*"):
		if current is None or folder != current.folder:
			_remove(Demo(folder, key=""))


def _remove(demo: Demo) -> None:
	if (demo.folder / SITE_NAME / "site_config.json").exists():
		demo.site.drop()
	shutil.rmtree(demo.folder, ignore_errors=True)


def _is_readable(customers: Path) -> bool:
	"""Look into the list before anything is built; say what is wrong if it can't be read at all."""
	from embedded.demo_data.customer_file import CustomerFileError, read

	if not customers.exists():
		raise DemoError(f"There is no file {customers}.")
	try:
		read(customers)
	except CustomerFileError as error:
		warn(f"{customers.name}: {error} Nothing was changed.")
		return False
	return True


def _load_customers(demo: Demo, customers: Path) -> bool:
	"""Load the list in another process, which prints the report. False when nothing could be loaded."""
	shutil.copyfile(customers, demo.folder / "customers.csv")
	arguments = ["load-customers", "--site-folder", str(demo.folder / SITE_NAME), str(customers)]
	say(f"… Loading the customers of {demo.customers}")
	return run_in_subprocess(arguments, accepted=(0, FATAL_FILE)) == 0


# The address.


def free_port(host: str, wanted: int) -> int:
	"""Return `wanted`, or the next free port, and say so. Raises DemoError when there is none nearby."""
	for port in range(wanted, min(wanted + PORTS_TO_TRY, 65536)):
		try:
			_try_port(host, port)
		except PermissionError:
			raise DemoError(
				f"This user may not listen on port {port}. Choose one above 1023 with --port."
			) from None
		except OSError as error:
			if isinstance(error, socket.gaierror):
				raise DemoError(f"{host} is no address of this machine: {error.strerror}.") from None
			continue
		if port != wanted:
			say(f"Port {wanted} is taken; using {port}.")
		return port
	raise DemoError(f"No port from {wanted} on is free on {host}. Choose another with --port.")


def _try_port(host: str, port: int) -> None:
	family = socket.AF_INET6 if ":" in host else socket.AF_INET
	with socket.socket(family) as probe:
		probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		probe.bind((host, port))


# Commands.


def load_customers(site_folder: Path, file: Path) -> int:
	"""Load a customer list into a site, print the report; returns FATAL_FILE when nothing was loaded."""
	site = Site.at(site_folder).connect()
	from embedded.demo_data import customers

	report = customers.load(file)
	site.disconnect()
	say(str(report))
	return 0 if report.loaded else FATAL_FILE


def run_app_command(name: str, arguments: list[str], db_type: str = "sqlite") -> int:
	"""Run a command that an app brings, as `bench --site SITE NAME` does, on the demo site."""
	demo = load(db_type)
	if demo is None:
		raise DemoError(f"There is no demo site yet to run {name} on. Start bin/demo once first.")
	from embedded import engine

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
