"""Reads a customer list: from a file of unknown encoding and delimiter to a header and numbered rows."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from charset_normalizer import from_bytes

from embedded.demo_data import customer_columns
from embedded.demo_data.load_report import shortened

MOST_BYTES = 50 * 1024 * 1024
LONGEST_LINE = 100_000
MOST_ROWS = 50_000
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}

BYTE_ORDER_MARKS = {
	codecs.BOM_UTF8: "utf-8-sig",
	codecs.BOM_UTF16_LE: "utf-16",
	codecs.BOM_UTF16_BE: "utf-16",
}
OTHER_FORMATS = {
	b"PK\x03\x04": "an Excel workbook or a zip file",
	b"\xd0\xcf\x11\xe0": "an old Excel workbook",
	b"%PDF": "a PDF",
}
NO_TEXT = "This isn't a text in UTF-8, UTF-16 or Windows-1252. Please save the list as CSV in UTF-8."
NOT_IN_TEXT = re.compile("[\x00-\x08\x0e-\x1f]")
EXCELS_DELIMITER_LINE = re.compile(r"\Asep=[,;\t]\r?\n", re.IGNORECASE)


class CustomerFileError(Exception):
	"""The customer list can't be read. The message says why and what to do."""


@dataclass
class Row:
	"""One record; `line` is the line of the file it starts in."""

	line: int
	cells: list[str]


@dataclass
class Table:
	encoding: str
	delimiter: str
	header: list[str]
	rows: list[Row] = field(default_factory=list)
	malformed: list[tuple[int, str]] = field(default_factory=list)
	"""Line and reason of records that break CSV's rules about quotes."""


def read(path: Path) -> Table:
	"""Read the customer list in `path`. Raises CustomerFileError when it isn't one."""
	table = parse(*decode(read_bytes(path)))
	refuse_without_customers(table)
	return table


def read_bytes(path: Path) -> bytes:
	if path.is_dir():
		raise CustomerFileError("This is a folder. Please name a CSV file.")
	try:
		size = path.stat().st_size
		if size > MOST_BYTES:
			raise CustomerFileError(
				f"The file has {size:,} bytes; a customer list may have {MOST_BYTES:,}. Please split it."
			)
		return path.read_bytes()
	except OSError as error:
		raise CustomerFileError(f"The file can't be opened ({error.strerror}).") from None


def decode(content: bytes) -> tuple[str, str]:
	"""The file's text and the name of its encoding: UTF-8, UTF-16 with a byte order mark, or Windows-1252."""
	if not content.strip():
		raise CustomerFileError("The file is empty.")
	for signature, kind in OTHER_FORMATS.items():
		if content.startswith(signature):
			raise CustomerFileError(f"This is {kind}, not a text file. Please save the list as CSV.")
	encoding = encoding_of(content)
	try:
		text = content.decode(encoding)
	except UnicodeDecodeError as error:
		raise CustomerFileError(
			f"The text is damaged: byte {error.start:,} isn't {encoding.upper()}."
		) from None
	if NOT_IN_TEXT.search(text):
		raise CustomerFileError(NO_TEXT)
	return text, encoding


def encoding_of(content: bytes) -> str:
	for mark, encoding in BYTE_ORDER_MARKS.items():
		if content.startswith(mark):
			return encoding
	try:
		content.decode("utf-8")
		return "utf-8"
	except UnicodeDecodeError as error:
		if is_mostly_utf8(content):
			line = content.count(b"\n", 0, error.start) + 1
			raise CustomerFileError(
				f"The text is UTF-8, but a character in line {line} is damaged. Please save the list again."
			) from None
	if from_bytes(content, cp_isolation=["cp1252"]).best() is None:
		raise CustomerFileError(NO_TEXT)
	return "windows-1252"


def is_mostly_utf8(content: bytes) -> bool:
	"""Whether most of the bytes beyond ASCII make up characters in UTF-8: they hardly do so by accident."""
	intact = content.decode("utf-8", "ignore")
	in_characters = len(intact.encode()) - sum(character.isascii() for character in intact)
	beyond_ascii = sum(byte > 127 for byte in content)
	return in_characters * 2 >= beyond_ascii


def parse(text: str, encoding: str) -> Table:
	"""Split `text` into header and rows."""
	lines = list(StringIO(EXCELS_DELIMITER_LINE.sub("\n", text), newline=""))
	refuse_endless_lines(lines)
	delimiter = delimiter_of(lines)
	records = list(records_of(lines, delimiter))
	if not records or not isinstance(records[0], Row):
		raise CustomerFileError("The first line has to name the columns, and it can't be read.")
	header = [" ".join(cell.split()) for cell in records[0].cells]
	table = Table(encoding, DELIMITERS[delimiter], header)
	for record in records[1:]:
		(table.rows if isinstance(record, Row) else table.malformed).append(record)
	if len(table.rows) > MOST_ROWS:
		raise CustomerFileError(
			f"The list has {len(table.rows):,} rows, and at most {MOST_ROWS:,} are loaded."
		)
	return table


def refuse_without_customers(table: Table) -> None:
	if customer_columns.CUSTOMER not in customer_columns.recognise(table.header).positions:
		raise CustomerFileError(
			"No column holds the customer's name (it could be called Customer, Company or Firma)."
			f" The columns found are: {', '.join(map(shortened, table.header))}."
		)
	if not (table.rows or table.malformed):
		raise CustomerFileError("There is a line that names the columns, and no customer below it.")


def refuse_endless_lines(lines: list[str]) -> None:
	for number, line in enumerate(lines, 1):
		if len(line) > LONGEST_LINE:
			raise CustomerFileError(
				f"Line {number} has {len(line):,} characters, and a line of a customer list has at most"
				f" {LONGEST_LINE:,}. Are the line breaks missing?"
			)


def delimiter_of(lines: list[str]) -> str:
	"""The delimiter with which the header names the most columns that we know, and else the most columns."""

	def columns(delimiter: str) -> tuple[int, int]:
		try:
			header = next((row.cells for row in records_of(lines, delimiter) if isinstance(row, Row)), [])
		except CustomerFileError:
			return 0, 0
		return len(customer_columns.recognise(header).positions), len(header)

	return max(DELIMITERS, key=columns)


def records_of(lines: list[str], delimiter: str) -> Iterator[Row | tuple[int, str]]:
	"""Yield a Row for each record that isn't blank, and (line, reason) for each that is malformed."""
	reader = csv.reader(lines, delimiter=delimiter, strict=True)
	while True:
		line = reader.line_num + 1
		try:
			cells = next(reader)
		except StopIteration:
			return
		except csv.Error as error:
			if "expected after" not in str(error):
				raise CustomerFileError(
					f'A quotation mark (") that opens in line {line} is never closed.'
				) from None
			yield (
				line,
				'There is text after a closing quotation mark ("). Quotation marks in a text are doubled.',
			)
			continue
		if any(cell.strip() for cell in cells):
			yield Row(line, cells)
