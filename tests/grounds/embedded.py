"""The embedded engine: a site copied from a cached template, thrown away afterwards."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.grounds import Ground, Login
from tests.grounds.servers import free_port, running


class Embedded(Ground):
	def __init__(self, db_type: str):
		self.db_type = db_type
		self.folder = Path(tempfile.mkdtemp(prefix="crm_transparency_tests_"))
		self.sites = []

	def __str__(self) -> str:
		return f"embedded, {self.db_type}"

	def prepare(self) -> None:
		from embedded import engine
		from embedded.demo_data.people import LOGINS

		engine.prepare(self.db_type)
		self.logins = {login.role: Login(login.user, login.password) for login in LOGINS}

	def connect(self) -> None:
		self.site = self._copy("site", demo=False)
		self.site.connect()

	def disconnect(self) -> None:
		self.site.disconnect()

	@contextmanager
	def serve(self) -> Iterator[str]:
		site = self._copy("served_site", demo=True)
		port = free_port()
		command = [sys.executable, "-m", "embedded", "serve"]
		command += ["--site-folder", str(site.path), "--port", str(port), "--db", self.db_type]
		with running(command, f"http://127.0.0.1:{port}") as address:
			yield address

	def close(self) -> None:
		for site in self.sites:
			site.drop()
		shutil.rmtree(self.folder, ignore_errors=True)

	def _copy(self, name: str, demo: bool):
		from embedded.site import template

		site = template(self.db_type, demo=demo).copy(self.folder / name)
		self.sites.append(site)
		return site
