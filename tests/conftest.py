"""One suite, three grounds: embedded on SQLite, embedded on MariaDB, a real bench. See README, "Tests"."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.grounds import Ground, bench, embedded

EMBEDDED = Path(__file__).parent / "embedded"

# how long it takes to make examples up says how busy the machine is, and nothing about the app
settings.register_profile("any machine", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
	ground = parser.getgroup("ground", "where the tests run")
	ground.addoption(
		"--db", choices=("sqlite", "mariadb"), default="sqlite", help="database of the embedded site"
	)
	ground.addoption("--bench", help="folder of a real bench; its Python has to run the tests")
	ground.addoption("--site", help="a site of that bench, with ERPNext and this app; tests write to it")


def pytest_configure(config: pytest.Config) -> None:
	# Ended by SIGTERM as by Ctrl-C: servers are stopped and what a site was told for the tests is taken back.
	signal.signal(signal.SIGTERM, signal.default_int_handler)
	if config.getoption("--bench"):
		ground = bench.Bench(config.getoption("--bench"), config.getoption("--site"))
	else:
		ground = embedded.Embedded(config.getoption("--db"))
	ground.prepare()
	config.stash[Ground.KEY] = ground


def pytest_report_header(config: pytest.Config) -> str:
	return f"ground: {config.stash[Ground.KEY]}"


def pytest_unconfigure(config: pytest.Config) -> None:
	if Ground.KEY in config.stash:
		config.stash[Ground.KEY].close()


@pytest.fixture(scope="session")
def ground(request: pytest.FixtureRequest) -> Ground:
	return request.config.stash[Ground.KEY]


@pytest.fixture(scope="session")
def site(ground: Ground) -> Iterator[None]:
	"""The test session's own site, connected."""
	ground.connect()
	yield
	ground.disconnect()


@pytest.fixture(autouse=True)
def connected_site(request: pytest.FixtureRequest) -> Iterator[None]:
	"""Every test works as Administrator on a connected site, and leaves no trace in it.

	Tests over HTTP and in the browser see only what a server says, so they get no site of their own.
	"""
	if request.node.get_closest_marker("http") or request.node.get_closest_marker("browser"):
		yield
		return
	request.getfixturevalue("site")
	import frappe

	frappe.set_user("Administrator")
	yield
	frappe.db.rollback()
	for callbacks in (frappe.db.before_commit, frappe.db.after_commit, frappe.db.before_rollback):
		callbacks.reset()
	frappe.clear_messages()
	frappe.flags.in_import = False
	frappe.local.request = None
	frappe.local.job = None
	frappe.local.cache = {}
	frappe.local.dynamic_link_map = None
	frappe.local.dynamic_link_map = None
	frappe.set_user("Administrator")


@pytest.fixture(scope="session")
def server(ground: Ground) -> Iterator[str]:
	"""A running server with the demo company (on a bench: with the site's own data); the value is its address."""
	with ground.serve() as address:
		yield address


@pytest.fixture
def nothing_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
	"""Tests leave no trace: what the app commits is rolled back with everything else."""
	import frappe

	monkeypatch.setattr(frappe.db, "commit", lambda *args, **kwargs: None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
	"""On a bench there is no embedded engine, and no demo company."""
	return True if config.getoption("--bench") and collection_path == EMBEDDED else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
	from tests.browser.chromium import find_chromium

	if config.getoption("--bench"):
		# One site for all: what a server's requests leave there is made after the tests that count.
		items.sort(key=lambda item: any(map(item.get_closest_marker, ("http", "browser"))))
	if find_chromium() or os.environ.get("CI") == "true":
		return
	reason = "Chromium is missing and couldn't be installed: browser tests need Debian's package chromium-headless-shell"
	for item in items:
		if item.get_closest_marker("browser"):
			item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter) -> None:
	skipped = terminalreporter.stats.get("skipped", [])
	if skipped:
		reasons = sorted({str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped})
		terminalreporter.write_line(f"{len(skipped)} tests skipped: " + "; ".join(reasons))
