"""What DESIGN.md says of the files and rooms, where no linter looks."""

from collections import defaultdict
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "crm_transparency"
NAMED_BY_FRAPPE = {"overrides", "doctype", "report", "page", "patches"}
IN_EVERY_ROOM = {"__init__.py", "exceptions.py"}


@pytest.fixture(autouse=True)
def connected_site():
	"""Nothing here needs a site."""


def test_names_of_python_files_occur_once():
	places = defaultdict(list)
	for file in APP.rglob("*.py"):
		folders = file.relative_to(APP).parent.parts
		if file.name not in IN_EVERY_ROOM and not NAMED_BY_FRAPPE.intersection(folders):
			places[file.name].append("/".join(folders))
	assert {name: folders for name, folders in places.items() if len(folders) > 1} == {}


def test_rooms_name_the_public_modules_that_import_linter_lets_others_import():
	tomllib = pytest.importorskip("tomllib")
	contracts = tomllib.loads((APP.parent / "pyproject.toml").read_text())["tool"]["importlinter"][
		"contracts"
	]
	for contract in contracts:
		if contract["type"] != "protected":
			continue
		room = contract["protected_modules"][0].rpartition(".")[2]
		allowed = [line.rpartition(".")[2] for line in contract["ignore_imports"]]
		public = [name for name in allowed if name not in ("exceptions", room)]
		docstring = (APP / room / "__init__.py").read_text()
		assert len(public) <= 5, room
		assert [
			name for name in public if name not in docstring or not (APP / room / f"{name}.py").exists()
		] == []
