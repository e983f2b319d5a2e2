"""What the README, CONTRIBUTING.md and docs/ say is there."""

import json
import re
import subprocess

import pytest

from embedded.paths import REPOSITORY

DOCUMENTS = (*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md"))
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
	"""Return the paths that the layout in CONTRIBUTING.md names, from the repository's root."""
	text = (REPOSITORY / "CONTRIBUTING.md").read_text()
	section = text.split("## Where things are")[1].split("```")[1]
	paths, folder = set(), ""
	for line in section.strip("\n").splitlines():
		names = re.split(r" {3,}", line.strip())[0].split()
		if line.startswith("  "):
			paths.update(folder + name for name in names)
		else:
			paths.update(names)
			folder = names[0]
	return paths


def test_the_layout_is_that_of_the_repository():
	paths = layout()
	assert {path for path in paths if not (REPOSITORY / path).exists()} == set()
	folders = {file.split("/")[0] + "/" for file in tracked_files() if "/" in file}
	assert folders - {path.split("/")[0] + "/" for path in paths} == set()


def test_links_lead_somewhere():
	broken = [
		(document.name, link)
		for document in DOCUMENTS
		for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text())
		if "://" not in link and not leads_somewhere(document, link)
	]
	assert broken == []


def leads_somewhere(document, link: str) -> bool:
	path, _hash, anchor = link.partition("#")
	target = document.parent / path if path else document
	if not target.exists() or not anchor:
		return target.exists()
	headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
	return anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_modules_and_files_that_the_docs_name_are_there():
	files = tracked_files()
	missing = [
		(document.name, name)
		for document in DOCUMENTS
		if document.name != "CHANGELOG.md"
		for name in re.findall(r"`([\w/]+\.py)`", document.read_text())
		if not any(f"/{file}".endswith(f"/{name}") for file in files)
	]
	assert missing == []


def test_the_docs_for_administrators_name_every_setting():
	fields = json.loads((REPOSITORY / SETTINGS).read_text())["fields"]
	labels = [field["label"] for field in fields if is_shown(field)]
	table = (REPOSITORY / "docs" / "admins.md").read_text().split("## Settings")[1].lower()
	assert [label for label in labels if label.lower() not in table] == []


def is_shown(field: dict) -> bool:
	return field["fieldtype"] not in INPUTS_ARE_NOT and not field.get("hidden")
