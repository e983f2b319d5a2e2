"""The few functions of Frappe that are replaced: each has a reason, and one that goes breaks no request."""

from concurrent.futures import ThreadPoolExecutor

import frappe
import frappe.app
import pytest
from click.testing import CliRunner
from werkzeug.test import Client

from crm_transparency import frappe_patches
from crm_transparency.crm_transparency import patching
from tests.people_and_accounts import acting_as, make_user

MOST = 12
ALL = (*frappe_patches.PATCHES, *frappe_patches.CLASS_METHODS)


@pytest.fixture
def without(monkeypatch):
	"""Let a version of Frappe have another name for a patch's target."""

	def remove(patch):
		holder, name = patching.holder_of(patch.target), patch.target.rpartition(".")[2]
		if holder is not None:
			function = getattr(holder, name)
			monkeypatch.setattr(holder, name, getattr(function, "__wrapped__", function))
		gone = patch._replace(target=f"{patch.target}_of_another_version")
		for table in ("PATCHES", "CLASS_METHODS"):
			patches = getattr(frappe_patches, table)
			monkeypatch.setattr(
				frappe_patches, table, tuple(gone if each == patch else each for each in patches)
			)
		frappe_patches.install.cache_clear()
		return gone

	yield remove
	monkeypatch.undo()
	frappe_patches.install.cache_clear()
	frappe_patches.install()


def test_there_are_at_most_twelve_and_each_says_why():
	assert len(frappe_patches.PATCHES) <= MOST
	for patch in ALL:
		assert patch.reason and patch.tried_on
		assert patch.needed_for in patching.consequences()


def test_this_version_of_frappe_has_all_of_them():
	assert patching.missing() == []
	assert patching.sentences() == []


def test_each_is_replaced_once_and_called_with_whatever_it_is_called_with():
	frappe_patches.install()
	for patch in patching.patches():
		function = getattr(patching.holder_of(patch.target), patch.target.rpartition(".")[2])
		assert patch.replacement in getattr(function, patching.REPLACED)
		patching.replace(patch)
		assert getattr(patching.holder_of(patch.target), patch.target.rpartition(".")[2]) is function


@pytest.mark.parametrize("patch", ALL, ids=lambda patch: patch.replacement)
def test_a_version_without_one_of_them_goes_on_answering(patch, without):
	if patch.only_on not in (None, patching.major_version()):
		pytest.skip(f"Only for version {patch.only_on} of Frappe")
	gone = without(patch)
	assert [each.target for each in patching.missing()] == [gone.target]
	assert [each.target for each in patching.missing(patch.needed_for)] == [gone.target]
	for path in ("/api/method/ping", "/login"):
		assert status_of(path) == 200


def status_of(path: str) -> int:
	"""Return the status that a visitor's request gets, answered in a thread with a context of its own."""
	site = frappe.local.site

	def visit() -> int:
		return Client(frappe.app.application).get(path, headers={"X-Frappe-Site-Name": site}).status_code

	with ThreadPoolExecutor(1) as thread:
		return thread.submit(visit).result()


def test_system_managers_are_told_in_the_desk_and_nobody_else(without):
	without(frappe_patches.PATCHES[0])
	told = {}
	for user in (make_user("Sam", "System Manager"), make_user("Ana", "Sales User")):
		with acting_as(user):
			bootinfo = frappe._dict()
			patching.add_to_bootinfo(bootinfo)
			told[user] = bootinfo.get("crm_transparency_missing_patches")
	[system_managers, others] = told.values()
	assert "_of_another_version" in system_managers[0]
	assert others is None


def test_install_and_migrate_say_what_is_missing(without, capsys):
	frappe_patches.report_missing()
	assert capsys.readouterr().out == ""
	without(frappe_patches.PATCHES[0])
	frappe_patches.report_missing()
	assert "_of_another_version" in capsys.readouterr().out


def test_the_bench_says_what_is_missing(without, monkeypatch):
	from crm_transparency import commands

	for function in ("init", "connect", "destroy"):
		monkeypatch.setattr(frappe, function, lambda *args, **kwargs: None)

	def checked():
		return CliRunner().invoke(
			commands.check_transparency, obj=frappe._dict(sites=[frappe.local.site], profile=False)
		)

	assert checked().exit_code == 0
	without(frappe_patches.PATCHES[0])
	result = checked()
	assert result.exit_code == 1
	assert "MISSING" in result.output and "_of_another_version" in result.output
