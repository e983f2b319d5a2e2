"""A user's session with the server, over real HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.grounds import Login

# As long as a test may take: what is slow is the machine, and what hangs ends with the test.
JOB_SECONDS = 500


class Client:
	def __init__(self, address: str, login: Login):
		self.address = address
		self.user = login.user
		self.session = requests.Session()
		response = self.session.post(
			f"{address}/api/method/login",
			data={"usr": login.user, "pwd": login.password},
			timeout=JOB_SECONDS,
		)
		response.raise_for_status()

	def call(self, method: str, http_method: str = "POST", **arguments) -> requests.Response:
		"""Call a whitelisted method the way scripts do."""
		path = f"{self.address}/api/method/{method}"
		if http_method == "GET":
			return self.session.get(path, params=arguments, timeout=JOB_SECONDS)
		return self.session.post(path, data=as_form(arguments), timeout=JOB_SECONDS)

	def create(self, doctype: str, **values) -> dict:
		response = self.session.post(
			f"{self.address}/api/resource/{doctype}", json=values, timeout=JOB_SECONDS
		)
		return checked(response)["data"]

	def read(self, doctype: str, name: str) -> dict:
		return checked(
			self.session.get(f"{self.address}/api/resource/{doctype}/{name}", timeout=JOB_SECONDS)
		)["data"]

	def update(self, doctype: str, name: str, **values) -> dict:
		response = self.session.put(
			f"{self.address}/api/resource/{doctype}/{name}", json=values, timeout=JOB_SECONDS
		)
		return checked(response)["data"]

	@contextmanager
	def changed(self, doctype: str, name: str, **values) -> Iterator[None]:
		"""Change a document within a with block."""
		before = self.read(doctype, name)
		self.update(doctype, name, **values)
		try:
			yield
		finally:
			self.update(doctype, name, **{field: before.get(field) for field in values})

	def delete(self, doctype: str, name: str) -> None:
		checked(self.session.delete(f"{self.address}/api/resource/{doctype}/{name}", timeout=JOB_SECONDS))

	def get_list(self, doctype: str, fields=("name",), filters=None, **arguments) -> list[dict]:
		parameters = {"fields": json.dumps(fields), "filters": json.dumps(filters or {}), **arguments}
		response = self.session.get(
			f"{self.address}/api/resource/{doctype}", params=parameters, timeout=JOB_SECONDS
		)
		return checked(response)["data"]

	def history(self, doctype: str, name: str) -> list[dict]:
		"""Return the account's ledger entries, oldest first."""
		return self.get_list(
			"Account Owner Change",
			fields=["*"],
			filters={"reference_doctype": doctype, "reference_name": name},
			order_by="changed_on asc, name asc",
		)

	def wait_for_history(self, doctype: str, name: str, length: int) -> list[dict]:
		"""Return the history as soon as background jobs brought it to `length` entries."""
		deadline = time.monotonic() + JOB_SECONDS
		while len(history := self.history(doctype, name)) < length and time.monotonic() < deadline:
			time.sleep(0.5)
		return history


def checked(response: requests.Response) -> dict:
	assert response.ok, f"{response.status_code}: {response.text[:2000]}"
	return response.json()


def as_form(arguments: dict) -> dict:
	return {key: value if isinstance(value, str) else json.dumps(value) for key, value in arguments.items()}
