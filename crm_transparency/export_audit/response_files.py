"""The file in a response, and what can be counted in it."""

import csv
import io
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import frappe
from openpyxl import load_workbook
from werkzeug.wrappers import Response

SEPARATORS = ",;\t|"
FORMATS = {
	"csv": "CSV",
	"xlsx": "Excel",
	"xls": "Excel",
	"pdf": "PDF",
	"vcf": "vCard",
	"json": "JSON",
	"html": "HTML",
}
ACCELERATED = "X-Accel-Redirect"


class ResponseFile(NamedTuple):
	"""`content` is the bytes, or where they lie; None if they can't be read."""

	name: str | None
	format: str | None
	content: bytes | Path | None

	def fields(self) -> dict:
		"""Return what an `Export` says about the file."""
		return {"file_name": self.name, "file_format": self.format, "content": self.content}


def of_response(response: Response) -> ResponseFile:
	name = frappe.response.get("filename") or csv_name()
	if response.direct_passthrough or ACCELERATED in response.headers:
		path = path_of_file(response)
		return ResponseFile(path.name if path else name, format_of(path.name if path else name), path)
	return ResponseFile(name, format_of(name, response.mimetype), response.get_data())


def csv_name() -> str | None:
	if frappe.response.get("type") in ("csv", "txt"):
		return f"{frappe.response.get('doctype')}.{frappe.response['type']}"
	return None


def path_of_file(response: Response) -> Path | None:
	"""Return where the private file lies that a response hands over, or asks the web server to hand over."""
	if redirect := response.headers.get(ACCELERATED):
		path = Path(frappe.get_site_path(unquote(redirect).removeprefix("/protected/")))
	else:
		folder = frappe.local.conf.get("private_path") or "private"
		relative = frappe.request.path.strip("/").removeprefix("private/")
		path = Path(frappe.get_site_path(folder, relative))
	return path if path.is_file() else None


def format_of(name: str | None, mimetype: str | None = None) -> str | None:
	extension = Path(name or "").suffix.lstrip(".").lower()
	if not extension and mimetype:
		extension = mimetype.partition("/")[2]
	return FORMATS.get(extension, extension.upper() or None)


def rows_of(file: ResponseFile) -> list[list]:
	"""Return the rows of a CSV or Excel file, those of its head included; none of anything else."""
	if file.format == "Excel":
		workbook = load_workbook(io.BytesIO(file.content), read_only=True)
		return [list(row) for row in workbook.active.iter_rows(values_only=True)]
	if file.format == "CSV":
		text = file.content.decode("utf-8-sig", "replace")
		return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text)))
	return []


def separator_of(text: str) -> str:
	"""Return what separates the fields: users may choose it, so the first line that has one tells."""
	first = next((line for line in text.splitlines() if any(mark in line for mark in SEPARATORS)), ",")
	return max(SEPARATORS, key=first.count)
