"""The DocTypes of this app and their controllers, read off its folders: what stands there needs no second list."""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
	from frappe.model.document import Document

PACKAGE = Path(__file__).parents[1]
LINKS = ("Link", "Dynamic Link")


class OwnDocType(NamedTuple):
	#: dotted path of the controller's module
	module: str
	#: whether its documents record what happened and name other documents: neither setup nor rows of a table
	is_linking_record: bool


@cache
def own_doctypes() -> dict[str, OwnDocType]:
	"""Return the DocTypes of the app by name."""
	found = {}
	for path in sorted(PACKAGE.glob("*/doctype/*/*.json")):
		description = json.loads(path.read_text())
		if description.get("doctype") == "DocType":
			found[description["name"]] = OwnDocType(
				module=".".join((PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts)),
				is_linking_record=description.get("document_type") != "Setup"
				and not description.get("istable")
				and any(field["fieldtype"] in LINKS for field in description["fields"]),
			)
	return found


def is_own(doctype: str | None) -> bool:
	return doctype in own_doctypes()


def linking_records() -> list[str]:
	"""Return the DocTypes that record what happened, sorted: what they link to may be deleted."""
	return sorted(doctype for doctype, own in own_doctypes().items() if own.is_linking_record)


def controller(doctype: str) -> "type[Document]":
	"""Return the controller class of one of the app's DocTypes."""
	return getattr(import_module(own_doctypes()[doctype].module), doctype.replace(" ", ""))


def controllers() -> "dict[str, type[Document]]":
	"""Return all controller classes of the app, by DocType. The first call in a process imports every room."""
	return {doctype: controller(doctype) for doctype in own_doctypes()}
