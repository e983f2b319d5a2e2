"""Starting a server as a process of its own, and stopping it."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

SECONDS_TO_TIDY_UP = 15


@contextmanager
def running(command: list[str], address: str | None = None, **popen_options) -> Iterator[str | None]:
	"""Run `command` until the block ends; a server answers at `address` once it is up."""
	process = subprocess.Popen(command, start_new_session=True, **popen_options)
	try:
		if address:
			wait_until_answering(address, process)
		yield address
	finally:
		process.send_signal(signal.SIGINT)
		try:
			process.wait(timeout=SECONDS_TO_TIDY_UP)
		except subprocess.TimeoutExpired:
			process.kill()
			process.wait()


def wait_until_answering(address: str, process: subprocess.Popen) -> None:
	"""Return when the server answers; however long that takes, as long as its process is there."""
	while True:
		if process.poll() is not None:
			raise RuntimeError(f"The server stopped while starting, exit code {process.returncode}")
		try:
			if requests.get(f"{address}/api/method/ping", timeout=30).ok:
				return
		except requests.RequestException:
			pass
		time.sleep(0.2)


def free_port() -> int:
	import socket

	with socket.socket() as listener:
		listener.bind(("127.0.0.1", 0))
		return listener.getsockname()[1]
