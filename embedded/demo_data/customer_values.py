"""Checks and tidies the cells of a customer list."""

import re
import unicodedata

from frappe.utils import validate_email_address, validate_phone_number

from embedded.demo_data.customer_columns import PHONES
from embedded.demo_data.load_report import shortened

FORMULA_STARTS = ("=", "+", "-", "@")
LONGEST_TEXT, LONG_TEXTS = 140, {"customer_details"}
INVISIBLE = {"Cc", "Cf"}
NOTHING = {"", "-", "--", "–", "—"}


class CellError(Exception):
	"""A cell can't be used; the message says why."""


def tidy(cell: str) -> str:
	"""`cell` without invisible characters and surplus spaces; a lone dash means that there is nothing."""
	visible = "".join(
		" " if unicodedata.category(character) in INVISIBLE else character for character in cell
	)
	text = " ".join(visible.split())
	return "" if text in NOTHING else text


def check(field: str, title: str, cell: str) -> str:
	"""The value of `cell`, which stands in the column `title` and is meant for `field`. Raises CellError."""
	text = tidy(cell)
	if field in PHONES:
		return checked_phone(title, text)
	refuse_formula(title, text)
	if field == "email":
		return checked_emails(title, text)
	if field not in LONG_TEXTS and len(text) > LONGEST_TEXT:
		raise CellError(
			f'"{title}" has {len(text):,} characters, {LONGEST_TEXT} is the most: {shortened(text)}'
		)
	return text


def refuse_formula(title: str, text: str) -> None:
	"""A formula is never a customer's name, and opened in a spreadsheet again it would run."""
	if text.startswith(FORMULA_STARTS):
		raise CellError(f'"{title}" starts with "{text[0]}" like a formula: {shortened(text)}')


def checked_phone(title: str, text: str) -> str:
	number = text.replace("/", " ")
	if number and not validate_phone_number(number):
		raise CellError(f'"{title}" isn\'t a phone number: {shortened(text)}')
	return number


def checked_emails(title: str, text: str) -> str:
	"""One or several addresses, separated by spaces in the result."""
	addresses = [address for address in re.split(r"[;,\s]+", text) if address]
	for address in addresses:
		if not validate_email_address(address):
			raise CellError(f'"{title}" isn\'t an e-mail address: {shortened(address)}')
	return " ".join(dict.fromkeys(addresses))
