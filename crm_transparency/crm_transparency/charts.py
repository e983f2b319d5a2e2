"""Charts of reports, as Frappe wants them described."""

from datetime import datetime
from typing import NamedTuple

from frappe.utils import formatdate

#: how the beginning of a part of a period is written below its bar
DATE_FORMATS = {"week": "d MMM", "month": "MMM yyyy", "year": "yyyy"}


class Series(NamedTuple):
	"""One number for each bar, under a name and in a color."""

	name: str
	values: list[int]
	color: str


def labels(unit: str, starts: list[datetime]) -> list[str]:
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
