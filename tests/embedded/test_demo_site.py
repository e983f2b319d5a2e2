"""The demo site: when bin/demo keeps it, when it makes a new one, and that nobody's work goes unasked."""

import io
import subprocess
import sys
from contextlib import contextmanager

import frappe
import pytest
import requests

from embedded import demo, site_changes
from embedded.demo_data.logins import LOGINS
from embedded.paths import REPOSITORY

LIST = "Company,City\nPier Nine Books,Bristol\n"


@pytest.fixture(autouse=True)
def folder(site, ground, tmp_path, monkeypatch):
	"""Where the demo sites of these tests lie, beside nobody's own."""
	if ground.has_erpnext:
		pytest.skip("the demo runs on the embedded engine, never on a bench")
	(tmp_path / "demo").mkdir()
	monkeypatch.setattr(demo, "demo_folder", lambda: tmp_path / "demo")
	yield tmp_path
	if current := demo.load(ground.db_type):
		current.site.drop()


@pytest.fixture
def start(ground):
	"""Do what bin/demo does up to serving: decide and prepare. Gives the demo, or None."""

	def prepare(customers=None, reset=False):
		current = demo.load(ground.db_type)
		contents = demo.to_be_made(ground.db_type, current, customers, reset)
		if contents and not (reset or demo.is_agreed(current, contents)):
			return None
		return demo.prepare(ground.db_type, current, contents)

	return prepare


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


@pytest.fixture
def answer(monkeypatch):
	"""Sit at a terminal and type this when asked."""

	def type_in(text: str):
		terminal = io.StringIO(text)
		terminal.isatty = lambda: True
		monkeypatch.setattr("sys.stdin", terminal)

	return type_in


def save_a_customer():
	customer = frappe.get_last_doc("Customer")
	customer.customer_details = "They moved to the new quay."
	customer.save()


def test_a_site_nobody_changed_gives_way_to_a_customer_list(start, customer_list, on):
	first = start()
	second = start(customer_list(LIST))

	assert not first.folder.exists()
	with on(second.site):
		assert frappe.get_all("Customer", pluck="name") == ["Pier Nine Books"]


def test_what_people_changed_stays_where_nobody_can_agree_to_lose_it(start, customer_list, on, capsys):
	first = start()
	with on(first.site):
		save_a_customer()
		frappe.delete_doc("Lead", frappe.get_last_doc("Lead").name, force=True)

	assert start(customer_list(LIST)) is None
	said = capsys.readouterr()
	assert "customers of customers.csv" in said.out
	assert "1 Customer" in said.err and "1 Lead" in said.err
	assert "Nothing was changed." in said.err and "--reset" in said.err
	assert start() == first


def test_people_at_a_terminal_are_asked(start, customer_list, on, answer):
	first = start()
	with on(first.site):
		save_a_customer()

	answer("\n")
	assert start(customer_list(LIST)) is None
	answer("y\n")
	assert start(customer_list(LIST)).customers == "customers.csv"


def test_reset_agrees_beforehand(start, customer_list, on):
	first = start()
	with on(first.site):
		save_a_customer()

	assert start(customer_list(LIST), reset=True).customers == "customers.csv"
	assert not first.folder.exists()


def test_the_same_list_again_keeps_what_was_done_with_it(start, customer_list, on):
	first = start(customer_list(LIST))
	with on(first.site):
		save_a_customer()

	assert start(customer_list(LIST, "the same.csv")) == first
	assert start() == first


def test_changed_code_asks_before_it_makes_a_new_site(start, on, monkeypatch, capsys):
	first = start()
	with on(first.site):
		save_a_customer()
	monkeypatch.setattr(demo, "demo_key", lambda *_: "another state of the code")

	assert start() is None
	said = capsys.readouterr()
	assert "The app has changed" in said.out and "--customers" not in said.err


def test_a_list_without_one_good_row_leaves_the_site(start, customer_list, capfd):
	first = start()

	assert start(customer_list("Company,E-mail\nOne,nonsense\nTwo,nonsense\n")) is None
	said = capfd.readouterr()
	assert "line 2: One" in said.out and "line 3: Two" in said.out
	assert "No customer was loaded. The demo site that was there before stays." in said.err
	assert start() == first


def test_a_site_of_an_older_version_is_not_thrown_away_unasked(start, customer_list, capsys):
	first = start()
	(first.site.path / site_changes.NOTE).unlink()

	assert start(customer_list(LIST)) is None
	assert "can't tell" in capsys.readouterr().err


def test_looking_around_is_no_change(start, ground, on):
	from embedded.server import running

	demo_site = start().site
	ground.site.disconnect()
	try:
		with running(demo_site, workers=True) as address:
			look_around(address)
	finally:
		ground.site.connect()

	assert site_changes.since_noted(demo_site) == {}


def look_around(address: str) -> None:
	for login in LOGINS:
		browser = requests.Session()
		browser.post(
			f"{address}/api/method/login", {"usr": login.user, "pwd": login.password}
		).raise_for_status()
		assert browser.get(f"{address}/desk").ok
		customers = browser.get(f"{address}/api/resource/Customer").json().get("data")
		if customers:
			name = customers[0]["name"]
			assert browser.get(
				f"{address}/api/method/frappe.desk.form.load.getdoc",
				params={"doctype": "Customer", "name": name},
			).ok


# Before anything is made.


@pytest.mark.parametrize(
	("make", "message"),
	[
		(lambda path: None, "There is no file"),
		(lambda path: path.mkdir(), "This is a folder."),
		(lambda path: path.write_text("Company,City\n"), "no customer below it"),
		(
			lambda path: path.write_text("Turnover,Shoe size\n1,2\n"),
			"The columns found are: Turnover, Shoe size.",
		),
		(lambda path: path.write_text("Company\n" + "a" * 10_000_000), "Line 2 has 10,000,000 characters"),
		(lambda path: path.write_bytes(b"Company\n\x81\x8d\xff\n"), "isn't a text in UTF-8"),
	],
	ids=["missing", "folder", "header only", "no customer column", "endless line", "no text"],
)
def test_a_file_that_is_no_list_is_refused_before_anything_is_made(folder, make, message):
	make(folder / "list.csv")
	result = subprocess.run(
		[sys.executable, "-m", "embedded", "--customers", folder / "list.csv", "--port", "0"],
		cwd=REPOSITORY,
		capture_output=True,
		text=True,
		timeout=120,
	)

	assert result.returncode in (1, demo.FATAL_FILE)
	assert message in result.stderr
	assert "Traceback" not in result.stderr and "…" not in result.stdout


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
