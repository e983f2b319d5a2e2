"""Record filters: what the filter widget writes, checked, and as a condition of SQL.

Frappe's own translation differs between its versions, and doesn't say when a filter names a field that isn't there.
This one has one meaning everywhere: a document's empty field counts as an empty text or as zero, as in Frappe's lists.
"""

import json
from collections.abc import Sequence

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, cstr, flt, get_datetime, getdate
from frappe.utils.nestedset import get_descendants_of

from crm_transparency.crm_transparency.permissions import quoted
from crm_transparency.crm_transparency.registry import column_of
from crm_transparency.restrictions.exceptions import InvalidRecordFilter

OPERATORS = {
	"=": "is",
	"!=": "is not",
	">": "is greater than",
	"<": "is less than",
	">=": "is at least",
	"<=": "is at most",
	"in": "is one of",
	"not in": "is none of",
	"like": "is like",
	"not like": "is not like",
	"is": "is",
	"between": "is between",
	"descendants of": "is below",
	"descendants of (inclusive)": "is, or is below,",
}
WITH_LISTS = ("in", "not in", "between")
#: these hold for a document whose field is empty
HOLD_WHEN_EMPTY = ("!=", "not in", "not like")
NUMBERS = ("Check", "Int", "Long Int", "Float", "Currency", "Percent", "Duration", "Rating")
STANDARD_FIELDS = {
	"name": "Data",
	"owner": "Link",
	"modified_by": "Link",
	"creation": "Datetime",
	"modified": "Datetime",
	"docstatus": "Int",
}


def parse(doctype: str, text: str | None) -> list[list]:
	"""Return the conditions of a filter in the one form that is stored: [[DocType, field, operator, value], …].

	Raises InvalidRecordFilter, with what is wrong, for anything else than conditions on the DocType's own fields.
	"""
	try:
		conditions = json.loads(text or "[]")
	except ValueError:
		conditions = None
	if not isinstance(conditions, list):
		_refuse(_("The filter can't be read. Please build it with the filter widget."))
	return [_checked(doctype, condition) for condition in conditions]


def _checked(doctype: str, condition: object) -> list:
	parts = list(condition) if isinstance(condition, list | tuple) else []
	if len(parts) == 5:
		parts = parts[:4]  # the widget adds whether the condition is hidden
	if len(parts) == 3:
		parts = [doctype, *parts]
	if len(parts) != 4 or not all(isinstance(part, str) for part in parts[:3]):
		_refuse(_("The filter can't be read. Please build it with the filter widget."))
	about, field, operator, value = parts
	if about != doctype:
		_refuse(
			_("The filter asks about {0}. Please use fields of {1} itself only.").format(
				_in_bold(about), _in_bold(_(doctype))
			)
		)
	if not fieldtype_of(doctype, field):
		_refuse(
			_("{0} has no field {1}. Please choose another one.").format(
				_in_bold(_(doctype)), _in_bold(field)
			)
		)
	operator = operator.strip().lower()
	if operator not in OPERATORS:
		_refuse(
			_("{0} can't be used here. Please choose one of: {1}.").format(
				_in_bold(operator), ", ".join(OPERATORS)
			)
		)
	return [about, field, operator, _checked_value(doctype, field, operator, value)]


def _checked_value(doctype: str, field: str, operator: str, value: object) -> object:
	if operator in WITH_LISTS:
		values = value.split(",") if isinstance(value, str) else value
		if not isinstance(values, list | tuple) or not all(_is_simple(item) for item in values):
			_refuse(_("The condition on {0} needs a list of values.").format(_in_bold(field)))
		values = [item.strip() if isinstance(item, str) else item for item in values]
		if not values or (operator == "between" and len(values) != 2):
			_refuse(
				_("The condition on {0} needs more values.").format(_in_bold(field))
				if operator != "between"
				else _("The condition on {0} needs two values.").format(_in_bold(field))
			)
		for item in values:
			_check_type(doctype, field, item)
		return values
	if not _is_simple(value):
		_refuse(_("The condition on {0} needs one value.").format(_in_bold(field)))
	if operator == "is":
		if value not in ("set", "not set"):
			_refuse(_('The condition on {0} has to be "set" or "not set".').format(_in_bold(field)))
	elif operator.startswith("descendants of"):
		if not _tree_of(doctype, field):
			_refuse(_("{0} isn't a tree, so it has nothing below it.").format(_in_bold(field)))
	elif "like" not in operator:
		_check_type(doctype, field, value)
	return value


def _check_type(doctype: str, field: str, value: object) -> None:
	try:
		_literal(fieldtype_of(doctype, field), value)
	except (ValueError, TypeError, frappe.ValidationError):
		_refuse(_("{0} isn't a value that {1} can have.").format(_in_bold(cstr(value)), _in_bold(field)))


def _is_simple(value: object) -> bool:
	return value is None or isinstance(value, str | int | float)


def _in_bold(text: str) -> str:
	return frappe.bold(frappe.utils.escape_html(text))


def _refuse(message: str) -> None:
	frappe.throw(message, exc=InvalidRecordFilter, title=_("Check the filter"))


def stored(restriction: Document | frappe._dict) -> list[list]:
	"""Return the conditions of a restriction that was saved, which were checked then and may be outdated now."""
	return json.loads(restriction.record_filter or "[]")


def fieldtype_of(doctype: str, field: str) -> str | None:
	"""Return the type of a field, None if documents keep no value in it, or not any more."""
	if field in STANDARD_FIELDS:
		return STANDARD_FIELDS[field]
	column = column_of(doctype, field)
	return column.fieldtype if column else None


def as_sql(doctype: str, conditions: Sequence[Sequence]) -> str:
	"""Return the SQL condition that holds for the documents that a filter finds; no conditions find every document.

	A condition that can't be asked any more, since its field went or was made another type, is left out: rather too
	much is hidden than too little.
	"""
	return " and ".join(filter(None, (_if_askable(*each) for each in conditions))) or "1 = 1"


def _if_askable(doctype: str, field: str, operator: str, value: object) -> str | None:
	"""Return the SQL of a condition, which was checked once, None if the DocType as it is now has no answer to it."""
	fieldtype = fieldtype_of(doctype, field)
	try:
		return _condition(doctype, field, fieldtype, operator, value) if fieldtype else None
	except (ValueError, TypeError, frappe.ValidationError):
		return None


def _condition(doctype: str, field: str, fieldtype: str, operator: str, value: object) -> str:
	column = f"`tab{doctype}`.`{field}`"
	empty = "0" if fieldtype in NUMBERS else "''"
	if operator == "is":
		return f"coalesce({column}, {empty}) {'<>' if value == 'set' else '='} {empty}"
	if operator.startswith("descendants of"):
		return f"{column} in {_list(_below(doctype, field, operator, value), 'Data')}"
	if operator == "between":
		return f"{column} between {_edge(fieldtype, value[0])} and {_edge(fieldtype, value[1], True)}"
	if operator in HOLD_WHEN_EMPTY or _is_empty(value, fieldtype) or _is_like_nothing(operator, value):
		column = _or_empty(column, fieldtype, empty)
	if operator in ("in", "not in"):
		return f"{column} {operator} {_list(value, fieldtype)}"
	literal = quoted(cstr(value)) if "like" in operator else _literal(fieldtype, value)
	return f"{column} {'<>' if operator == '!=' else operator} {literal}"


def _or_empty(column: str, fieldtype: str, empty: str) -> str:
	if fieldtype in ("Date", "Datetime", "Time"):
		empty = {"Date": "'0001-01-01'", "Datetime": "'0001-01-01 00:00:00'", "Time": "'00:00:00'"}[fieldtype]
	return f"coalesce({column}, {empty})"


def _is_empty(value: object, fieldtype: str) -> bool:
	values = value if isinstance(value, list | tuple) else [value]
	if fieldtype in NUMBERS:
		return any(not flt(item) for item in values)
	return any(item in (None, "") for item in values)


def _is_like_nothing(operator: str, value: object) -> bool:
	"""Return whether an empty text is like the pattern: of wildcards only, which stand for nothing, too."""
	return operator == "like" and not cstr(value).strip("%")


def _list(values: Sequence, fieldtype: str) -> str:
	return f"({', '.join(_literal(fieldtype, value) for value in values)})"


def _literal(fieldtype: str, value: object) -> str:
	if fieldtype in ("Check", "Int", "Long Int", "Duration"):
		if isinstance(value, str) and value and not value.strip().lstrip("-").isdigit():
			raise ValueError(value)
		return str(cint(value))
	if fieldtype in NUMBERS:
		return repr(float(value or 0))
	if fieldtype == "Date":
		return quoted(str(getdate(value)) if value else "0001-01-01")
	if fieldtype == "Datetime":
		return quoted(str(get_datetime(value)) if value else "0001-01-01 00:00:00")
	return quoted(cstr(value))


def _edge(fieldtype: str, value: object, is_last: bool = False) -> str:
	"""Return one end of a period; the last day of one counts until midnight."""
	if fieldtype == "Datetime" and isinstance(value, str) and len(value.strip()) == len("2000-01-01"):
		return quoted(f"{getdate(value)} {'23:59:59.999999' if is_last else '00:00:00'}")
	return _literal(fieldtype, value)


def _tree_of(doctype: str, field: str) -> str | None:
	"""Return the DocType with a tree that the field names documents of, which may be the DocType itself; None if none."""
	tree = doctype if field == "name" else frappe.get_meta(doctype).get_field(field).options
	if fieldtype_of(doctype, field) not in ("Link", "Data") or not frappe.db.exists("DocType", tree):
		return None
	return tree if frappe.get_meta(tree).is_nested_set() else None


def _below(doctype: str, field: str, operator: str, value: object) -> list[str]:
	tree = _tree_of(doctype, field)
	if not tree:
		raise ValueError(field)
	is_there = frappe.db.exists(tree, cstr(value))
	names = get_descendants_of(tree, cstr(value), ignore_permissions=True) if is_there else []
	return [*names, cstr(value)] if "inclusive" in operator else [*names, ""]


def in_words(doctype: str, conditions: Sequence[Sequence]) -> list[str]:
	"""Return the conditions as a reader understands them, one text each."""
	return [_in_words(*condition) for condition in conditions]


def _in_words(doctype: str, field: str, operator: str, value: object) -> str:
	meta = frappe.get_meta(doctype)
	is_there = field in STANDARD_FIELDS or meta.get_field(field)
	label = _(meta.get_label(field)) if is_there else field
	words = " ".join((label, _(OPERATORS[operator]), _value_in_words(operator, value)))
	if _if_askable(doctype, field, operator, value):
		return words
	return _("{0} (no longer possible, so it counts as true for every record)").format(words)


def _value_in_words(operator: str, value: object) -> str:
	if operator == "is":
		return _("filled in") if value == "set" else _("empty")
	values = value if isinstance(value, list | tuple) else [value]
	joiner = _(" and ") if operator == "between" else ", "
	return joiner.join(f"“{cstr(item)}”" for item in values)
