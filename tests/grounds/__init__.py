"""Where the tests run. A ground gives tests a connected site, and a server with people who can log in."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import NamedTuple

import pytest


class Login(NamedTuple):
	user: str
	password: str


class Ground(ABC):
	KEY = pytest.StashKey["Ground"]()

	#: who can log in to the server: "rep", "manager", "hr", "administrator"
	logins: dict[str, Login]
	#: whether real ERPNext is there
	has_erpnext = False

	@abstractmethod
	def prepare(self) -> None:
		"""Make `import frappe` work."""

	@abstractmethod
	def connect(self) -> None: ...

	@abstractmethod
	def disconnect(self) -> None: ...

	@abstractmethod
	def serve(self) -> AbstractContextManager[str]:
		"""Run a server of its own and return its address."""

	def close(self) -> None:  # noqa: B027 - a bench has nothing to throw away
		"""Throw away what the session made."""
