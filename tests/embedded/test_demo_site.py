"""The demo site: when bin/demo keeps it, when it makes a new one, and that nobody's work goes unasked."""

import io
import subprocess
from contextlib import contextmanager

import frappe
import pytest

from embedded import demo, site_changes
from embedded.paths import REPOSITORY

LIST = "Company,City\nPier Nine Books,Bristol\n"


@pytest.fixture(autouse=True)
def folder(site, ground, tmp_path, monkeypatch):
	"""Where the demo sites of these tests lie, beside nobody's own."""
	(tmp_path / "demo").mkdir()
	monkeypatch.setattr(demo, "demo_folder", lambda: tmp_path / "demo")
	yield tmp_path
	if current := demo.load(ground.db_type):
		current.site.drop()


@pytest.fixture
def start(ground):
	"""Do what bin/demo does up to serving. Gives the demo, or None."""
	return lambda customers=None, reset=False: demo.prepare(ground.db_type, customers, reset)


@pytest.fixture
def customer_list(folder):
	def write(content: str, name: str = "customers.csv"):
		(folder / name).write_text(content)
		return folder / name

	return write


@pytest.fixture
def on(ground):
	"""Be connected to a demo site instead of the tests' own."""

	@contextmanager
	def connected(site):
		ground.site.disconnect()
		site.connect()
		try:
			yield
			frappe.db.commit()
		finally:
			site.disconnect()
			ground.site.connect()

	return connected


def test_a_site_that_people_changed_goes_only_when_they_agree(start, customer_list, on, capsys, monkeypatch):
	first = start()
	with on(first.site):
		customer = frappe.get_last_doc("Customer")
		customer.customer_details = "They moved to the new quay."
		customer.save()
		frappe.delete_doc("Lead", frappe.get_last_doc("Lead").name, force=True)

	assert start(customer_list(LIST)) is None
	said = capsys.readouterr()
	assert "customers of customers.csv" in said.out
	assert "1 Customer" in said.err and "1 Lead" in said.err and "--reset" in said.err
	assert start() == first

	terminal = io.StringIO("\n")
	terminal.isatty = lambda: True
	monkeypatch.setattr("sys.stdin", terminal)
	assert start(customer_list(LIST)) is None
	second = start(customer_list(LIST), reset=True)
	assert second.customers == "customers.csv"
	assert not first.folder.exists()
	with on(second.site):
		assert frappe.get_all("Customer", pluck="name") == ["Pier Nine Books"]


def test_the_same_list_again_keeps_the_site_and_a_bad_one_leaves_it(start, customer_list, capfd):
	first = start(customer_list(LIST))
	assert start(customer_list(LIST, "the same.csv")) == start() == first

	assert start(customer_list("Company,City\nOne,Bristol,UK\n"), reset=True) is None
	said = capfd.readouterr()
	assert "line 2: One" in said.out
	assert "The demo site that was there before stays." in said.err
	assert start() == first


def test_changed_code_makes_a_new_site(start, customer_list, monkeypatch):
	first = start(customer_list(LIST))
	monkeypatch.setattr(demo, "demo_key", lambda *_: "another state of the code")

	second = start()
	assert (second.customers, second.list.read_text()) == (first.customers, LIST)
	assert not first.folder.exists()


def test_what_the_site_writes_by_itself_is_no_change(start, on):
	first = start()
	with on(first.site):
		frappe.get_doc(doctype="Route History", route="Form/Customer", user="Administrator").insert()
	assert site_changes.since_noted(first.site) == {}


def test_help_is_there_before_anything_is_installed(tmp_path):
	"""A clone has no .venv, and asking for help makes none."""
	for part in ("bin", "embedded"):
		(tmp_path / part).symlink_to(REPOSITORY / part)
	result = subprocess.run(
		[tmp_path / "bin" / "demo", "--port", "1", "--help"], capture_output=True, text=True
	)

	assert (result.returncode, result.stderr) == (0, "")
	assert "--customers FILE.csv" in result.stdout
	assert not (tmp_path / ".venv").exists()


def test_the_desk_looks_for_no_realtime_server():
	"""There is none, and each call for it would be an error in the browser's console."""
	assert frappe.sessions.get()["disable_async"]
