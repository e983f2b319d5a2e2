"""What README.md and docs/ say is there."""

import json
import re
import subprocess

import pytest

from embedded.paths import REPOSITORY

README = (REPOSITORY / "README.md").read_text()
SETTINGS = (
	"crm_transparency/crm_transparency/doctype/crm_transparency_settings/crm_transparency_settings.json"
)
INPUTS_ARE_NOT = {"Section Break", "Column Break", "Tab Break"}


@pytest.fixture(autouse=True)
def connected_site():
	"""Nothing here needs a site."""


def tracked_files() -> list[str]:
	listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True)
	if listed.returncode:
		pytest.skip("this isn't a clone: git doesn't know its files")
	return listed.stdout.splitlines()


def layout() -> set[str]:
	"""The paths that the README's layout names, from the repository's root."""
	section = README.split("## Where things are")[1].split("```")[1]
	paths, folder = set(), ""
	for line in section.strip("\n").splitlines():
		names = re.split(r" {3,}", line.strip())[0].split()
		if line.startswith("  "):
			paths.update(folder + name for name in names)
		else:
			paths.update(names)
			folder = names[0]
	return paths


def test_what_the_layout_names_is_there():
	assert {path for path in layout() if not (REPOSITORY / path).exists()} == set()


def test_the_layout_names_every_folder_that_holds_something():
	folders = {file.split("/")[0] + "/" for file in tracked_files() if "/" in file}
	named = {path.split("/")[0] + "/" for path in layout()}
	assert folders - named == set()


def test_links_in_the_docs_lead_somewhere():
	broken = [
		(document.name, link)
		for document in (REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md"))
		for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
		if "://" not in link and not (document.parent / link).exists()
	]
	assert broken == []


def test_the_docs_for_administrators_name_every_setting():
	fields = json.loads((REPOSITORY / SETTINGS).read_text())["fields"]
	labels = [field["label"] for field in fields if is_shown(field)]
	table = (REPOSITORY / "docs" / "admins.md").read_text().split("## Settings")[1].lower()
	assert [label for label in labels if label.lower() not in table] == []


def is_shown(field: dict) -> bool:
	return field["fieldtype"] not in INPUTS_ARE_NOT and not field.get("hidden")
