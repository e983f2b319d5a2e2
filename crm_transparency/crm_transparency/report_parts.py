"""Columns, charts and figures of reports, as Frappe wants them described."""

from datetime import datetime
from typing import NamedTuple

import frappe
from frappe.utils import formatdate


def column(fieldname: str, label: str, width: int, fieldtype: str = "Data") -> dict:
	"""Describe a column that is `width` pixels wide. Text is aligned left: the table would guess from its first value."""
	described = {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width}
	return {**described, "align": "left"} if fieldtype == "Data" else described


#: how the beginning of a part of a period is written below its bar
DATE_FORMATS = {"week": "d MMM", "month": "MMM yyyy", "year": "yyyy"}


class Series(NamedTuple):
	"""One number for each bar, under a name and in a color."""

	name: str
	values: list[int]
	color: str


def bar_labels(unit: str, starts: list[datetime]) -> list[str]:
	"""Return what to write below the bars of weeks, months or years that begin at `starts`."""
	return [formatdate(start, DATE_FORMATS[unit]) for start in starts]


def bars(labels: list[str], series: list[Series], stacked: bool = False) -> dict | None:
	"""Describe a chart with a bar (or several beside each other) for each label; None if there is nothing to show."""
	series = [each for each in series if any(each.values)]
	if not series:
		return None
	chart = {
		"type": "bar",
		"counts": 1,
		"colors": [each.color for each in series],
		"data": {
			"labels": labels,
			"datasets": [{"name": each.name, "values": each.values} for each in series],
		},
	}
	return {**chart, "barOptions": {"stacked": 1}} if stacked else chart


#: functions of other rooms and apps, called with a DocType, that return names of its documents
FIGURES_HOOK = "transparency_left_out_of_figures"


def left_out(doctype: str) -> frozenset[str]:
	"""Return the names of the documents of a DocType that stay out of every figure.

	For counting only: showing them, or how many they are, would tell what they are.
	"""
	return frozenset(
		name for function in frappe.get_hooks(FIGURES_HOOK) for name in frappe.get_attr(function)(doctype)
	)
