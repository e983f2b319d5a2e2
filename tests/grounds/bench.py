"""A real bench: its Python, its Frappe, its ERPNext, one of its sites."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.grounds import Ground, Login
from tests.grounds.servers import free_port, running

PASSWORD = "transparency"
PEOPLE = {
	"rep": ("rep@transparency-tests.example", "Rita", "Rep", ["Sales User"]),
	"manager": (
		"manager@transparency-tests.example",
		"Mona",
		"Manager",
		["Sales Manager", "Sales User", "Transparency Manager"],
	),
	"hr": ("hr@transparency-tests.example", "Hedi", "Resources", ["HR Manager", "HR User"]),
	"administrator": (
		"admin@transparency-tests.example",
		"Ada",
		"Admin",
		[
			*("System Manager", "Sales Manager", "Sales Master Manager", "HR Manager"),
			*("Transparency Manager", "Ringer Manager"),
		],
	),
}


# how the tests expect numbers and dates to be written
FORMATS = {"number_format": "#,###.##", "date_format": "yyyy-mm-dd", "time_format": "HH:mm:ss"}

# Frappe lets no more than 60 be made in an hour
MANY_USERS = {"throttle_user_limit": 1_000_000}


class Bench(Ground):
	has_erpnext = True

	def __init__(self, bench: str, site: str):
		self.bench = Path(bench).resolve()
		self.site_name = site
		self.logins = {role: Login(person[0], PASSWORD) for role, person in PEOPLE.items()}

	def __str__(self) -> str:
		import erpnext
		import frappe

		return f"bench, site {self.site_name}, Frappe {frappe.__version__}, ERPNext {erpnext.__version__}"

	def prepare(self) -> None:
		self.connect()
		self._formats_before = self._set_formats(FORMATS)
		self.disconnect()

	def close(self) -> None:
		self.connect()
		self._set_formats(self._formats_before)
		self.disconnect()

	def _set_formats(self, formats: dict[str, str]) -> dict[str, str]:
		"""Change how the site writes numbers and dates; return how it did before."""
		import frappe

		before = {field: frappe.db.get_single_value("System Settings", field) for field in formats}
		for field, value in formats.items():
			frappe.db.set_single_value("System Settings", field, value)
			frappe.db.set_default(field, value)
		frappe.db.commit()
		frappe.clear_cache()
		return before

	def connect(self) -> None:
		os.chdir(self.bench / "sites")
		import frappe

		frappe.init(site=self.site_name, sites_path=".")
		frappe.connect()
		frappe.local.conf.update(MANY_USERS)

	def disconnect(self) -> None:
		import frappe

		frappe.destroy()

	@contextmanager
	def serve(self) -> Iterator[str]:
		self._hire_people()
		port = free_port()
		address = f"http://127.0.0.1:{port}"
		server = [sys.executable, str(Path(__file__).parent / "bench_server.py"), self.site_name, str(port)]
		worker = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "worker", "--quiet"]
		worker += ["--queue", "short,default,long"]
		sites = self.bench / "sites"
		with self._known_as(address), running(worker, cwd=sites), running(server, address, cwd=sites):
			yield address

	@contextmanager
	def _known_as(self, address: str) -> Iterator[None]:
		"""Let the site say meanwhile that it is at this address: links lead there, and what it tries from outside.

		And let as many users be made as tests need.
		"""
		file = self.bench / "sites" / self.site_name / "site_config.json"
		before = json.loads(file.read_text())
		meanwhile = {"host_name": address, **MANY_USERS}
		file.write_text(json.dumps({**before, **meanwhile}, indent=1))
		try:
			yield
		finally:
			# what the site wrote meanwhile stays, such as the key it encrypts with
			known = {
				key: value for key, value in json.loads(file.read_text()).items() if key not in meanwhile
			}
			known.update({key: before[key] for key in meanwhile if key in before})
			file.write_text(json.dumps(known, indent=1))

	def _hire_people(self) -> None:
		import frappe
		from frappe.utils.password import update_password

		already_connected = bool(getattr(frappe.local, "db", None))
		if not already_connected:
			self.connect()
		for user, first_name, last_name, roles in PEOPLE.values():
			if frappe.db.exists("User", user):
				frappe.get_doc("User", user).add_roles(*roles)
				continue
			person = frappe.get_doc(
				doctype="User",
				email=user,
				first_name=first_name,
				last_name=last_name,
				send_welcome_email=0,
			)
			person.append_roles(*roles)
			person.insert()
			update_password(user, PASSWORD)
		frappe.db.commit()
		if not already_connected:
			self.disconnect()
