"""Reports become files through a function whose parameters differ between versions of Frappe."""

import frappe
import pytest
from frappe.desk import query_report

from crm_transparency import frappe_patches
from crm_transparency.crm_transparency import patching
from crm_transparency.export_audit import query_recorder, response_recorder
from tests.export_audit import requests

ROWS = [{"customer": "A"}, {"customer": "B"}, {"customer": "C"}]


@pytest.fixture(autouse=True)
def functions_are_replaced():
	"""By the whole table: that is done once in a process."""
	frappe_patches.install()


@pytest.fixture
def recorder():
	yield query_recorder.start("frappe.desk.query_report.export_query")
	setattr(frappe.local, query_recorder.LOCAL, None)


def report():
	return frappe._dict(columns=[{"fieldname": "customer", "label": "Customer"}], result=list(ROWS))


def before_april_2026(
	data, visible_idx, include_indentation, include_filters=False, ignore_visible_idx=False
):
	return [data, visible_idx, include_indentation]


def since_april_2026(data, visible_idx=None, include_indentation=False, *, build_styles=False):
	return [data, visible_idx, include_indentation, build_styles]


def test_rows_that_the_reader_filtered_away_are_left_out(recorder):
	build = query_recorder.recording_report_files(before_april_2026)
	assert build(data := report(), [0, 2], 1) == [data, [0, 2], 1]
	assert build(data, visible_idx=[0, 2], include_indentation=1) == [data, [0, 2], 1]
	for recorded in recorder.reports:
		assert recorded.rows == [ROWS[0], ROWS[2]]


def test_newer_versions_hand_over_the_visible_rows_only(recorder):
	"""https://github.com/frappe/frappe/pull/36323"""
	build = query_recorder.recording_report_files(since_april_2026)
	assert build(data := report(), include_indentation=1, build_styles=True) == [data, None, 1, True]
	[recorded] = recorder.reports
	assert recorded.rows == ROWS


def takes_anything(*args, **kwargs):
	return args, kwargs


def of_another_version(patch):
	"""What stands in for a function of Frappe, around one that takes whatever it is given."""
	return frappe.get_attr(patch.replacement)(takes_anything)


class Holder(frappe._dict):
	"""Whatever object a method is called on."""

	flags = frappe._dict()


@pytest.mark.parametrize(
	"patch", [*frappe_patches.PATCHES, *frappe_patches.CLASS_METHODS], ids=lambda patch: patch.replacement
)
@pytest.mark.parametrize(
	("args", "kwargs"),
	[
		((), {}),
		((None,), {}),
		((None, None, None, None, None, None), {"more": 1}),
		((), {"renamed": 1, "as_well": None}),
		((), {"data": None, "query": None, "doctype": None, "doc": None, "self": None}),
	],
	ids=["fewer", "one", "more", "renamed", "by name"],
)
def test_what_stands_in_hands_on_whatever_it_is_given(recorder, patch, args, kwargs):
	"""Frappe changes what its inner functions take, also within a major version."""
	if "." in patch.target and patch.target.rsplit(".", 2)[1][0].isupper():
		args = (Holder(), *args)
		kwargs = {key: value for key, value in kwargs.items() if key != "self"}
	given, named = of_another_version(patch)(*args, **kwargs)
	assert (given, named) == (args, kwargs)


def test_a_ringer_gets_into_either(recorder):
	recorder.add_to_report = lambda data, visible: [0]
	build = query_recorder.recording_report_files(before_april_2026)
	assert build(report(), [1], 0)[1] == [0]
	build = query_recorder.recording_report_files(since_april_2026)
	assert build(report(), include_indentation=0)[1] is None


@pytest.mark.parametrize(
	("target", "refused", "goes_on"),
	[
		(
			"frappe.desk.query_report.build_xlsx_data",
			"frappe.desk.query_report.export_query",
			"frappe.desk.reportview.export_query",
		),
		(
			"frappe.core.doctype.data_export.exporter.DataExporter.add_data_row",
			"frappe.core.doctype.data_export.exporter.export_data",
			"frappe.desk.query_report.export_query",
		),
		("frappe.app.process_response", "frappe.desk.reportview.export_query", "frappe.client.get_list"),
		("frappe.model.db_query.DatabaseQuery.execute", "frappe.utils.print_format.download_pdf", None),
	],
)
def test_exports_that_this_version_cannot_record_are_refused_and_no_others(
	monkeypatch, target, refused, goes_on
):
	patches = [
		patch._replace(target=f"{target}_of_another_version") if patch.target == target else patch
		for patch in frappe_patches.PATCHES
	]
	monkeypatch.setattr(frappe_patches, "PATCHES", tuple(patches))
	monkeypatch.setattr(
		response_recorder,
		"NEEDED_BY",
		{f"{key}_of_another_version": value for key, value in response_recorder.NEEDED_BY.items()},
	)
	assert len(patching.missing(patching.EXPORTS)) == 1
	with pytest.raises(frappe.ValidationError, match="can't be recorded"):
		with requests.request(f"/api/method/{refused}"):
			pass
	if goes_on:
		with requests.request(f"/api/method/{goes_on}"):
			pass


def test_a_report_is_exported_by_the_version_at_hand():
	assert query_report.build_xlsx_data.__wrapped__
