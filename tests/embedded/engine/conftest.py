import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.engine import tiny_app
from tests.grounds import Ground


@pytest.fixture(scope="package")
def tiny_package(ground: Ground, site: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
	"""The folder of the package `tiny_app`, importable, on a site of its own that has it installed."""
	from frappe.installer import install_app

	from embedded.site import template

	folder = tmp_path_factory.mktemp("apps")
	package = tiny_app.write(folder)
	sys.path.insert(0, str(folder))
	tiny_site = template(ground.db_type).copy(tmp_path_factory.mktemp("sites") / "tiny.localhost")
	tiny_site.connect()
	install_app("tiny_app")
	yield package
	sys.path.remove(str(folder))
	tiny_site.drop()
	ground.site.connect()


@pytest.fixture(autouse=True)
def on_the_tiny_site(tiny_package: Path) -> None:
	"""All tests here run on the site with the tiny app."""


@pytest.fixture
def log(tiny_package: Path) -> list[tuple]:
	"""What the tiny app's hooks noted, from the beginning of the test on."""
	from tiny_app.events import LOG

	LOG.clear()
	return LOG


@pytest.fixture
def tiny_site(tiny_package: Path):
	import frappe

	from embedded.site import Site

	return Site.at(Path(frappe.local.site_path))
