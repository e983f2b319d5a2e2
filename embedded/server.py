"""The web server: Frappe's application with the Desk's assets and the site's files, for this machine only."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from embedded.progress import say
from embedded.site import Site

ASSETS_CACHE_SECONDS = 12 * 60 * 60


class QuietHandler(WSGIRequestHandler):
	"""Doesn't print a line for each request; errors are still printed."""

	def log_request(self, *args, **kwargs) -> None:
		"""Say nothing."""


class Server:
	"""One site, served. `address` is known once it is made; `start` and `stop` don't block."""

	def __init__(
		self,
		site: Site,
		host: str = "127.0.0.1",
		port: int = 0,
		workers: bool = True,
		assets: Path | None = None,
	):
		self.site = site
		self._server = _listen(host, port, _application(site, assets))
		self._thread = threading.Thread(target=self._server.serve_forever, name="server", daemon=True)
		self._workers = _workers() if workers else None

	@property
	def port(self) -> int:
		return self._server.server_port

	@property
	def address(self) -> str:
		host = self._server.host
		return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{self.port}"

	def start(self) -> None:
		from embedded.engine import config

		config.overrides["host_name"] = self.address
		self._thread.start()
		if self._workers:
			self._workers.start()

	def stop(self) -> None:
		"""Stop listening, let a background job at work finish, give the port back."""
		from embedded.engine import config

		self._server.shutdown()
		self._server.server_close()
		if self._workers:
			self._workers.stop()
		config.overrides.pop("host_name", None)
		config.use_assets(None)


def serve(
	site: Site,
	host: str = "127.0.0.1",
	port: int = 8000,
	workers: bool = True,
	assets: Path | None = None,
	announce: Callable[[str], None] = lambda address: say(f"Serving on {address}"),
) -> None:
	"""Serve the site until SIGINT or SIGTERM; `workers` performs background jobs and scheduled events, too.

	`assets` is the folder that `embedded.assets.build` returns; pages have no styles and scripts without.
	`announce` is called with the address when it is ready. Raises OSError when the port is taken.
	"""
	stop = threading.Event()
	for number in (signal.SIGINT, signal.SIGTERM):
		signal.signal(number, lambda *_: stop.set())
	server = Server(site, host, port, workers, assets)
	server.start()
	announce(server.address)
	stop.wait()
	server.stop()


@contextlib.contextmanager
def running(site: Site, workers: bool = False, assets: Path | None = None) -> Iterator[str]:
	"""Serve the site from threads of this process, on a free port; gives the address.

	The cache is then the same for the server and for who calls it, unlike with a server of its own process.
	"""
	server = Server(site, workers=workers, assets=assets)
	server.start()
	try:
		yield server.address
	finally:
		server.stop()


def _workers():
	from embedded.engine.jobs import Workers

	return Workers()


def _listen(host: str, port: int, application: Callable) -> BaseWSGIServer:
	server = make_server(host, port, application, threaded=True, request_handler=QuietHandler)
	server.daemon_threads = True
	return server


def _application(site: Site, assets: Path | None) -> Callable:
	from embedded import engine

	engine.prepare(site.db_type)
	from embedded.engine import config

	config.use_site(site.path)
	config.use_assets(assets)
	import frappe.app
	from frappe.middlewares import StaticDataMiddleware

	application = StaticDataMiddleware(frappe.app.application, {"/files": str(site.path)})
	if assets:
		folders = {"/assets": str(assets / "assets")}
		application = SharedDataMiddleware(application, folders, cache_timeout=ASSETS_CACHE_SECONDS)
	return application
