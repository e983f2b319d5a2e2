"""What callers of the database may rely on, whichever it is."""

import frappe
import pytest
from frappe.query_builder import DocType, Interval
from frappe.query_builder.functions import Count, Now


@pytest.mark.parametrize(
	("query", "values", "row"),
	[
		("select %s, %s", ("a%b'c", None), ("a%b'c", None)),
		("select 'a%b'", None, ("a%b",)),
		("select '100%%', %s", "v", ("100%", "v")),
		("select %(x)s, %(x)s", {"x": 1}, (1, 1)),
		("select 1 from tabUser where name in %s", [["Guest", "nobody"]], (1,)),
		("select 1 from tabUser where name in %(names)s", {"names": ("Guest",)}, (1,)),
		("select concat('a', 1, 'b'), if(1 > 2, 'y', 'n'), ifnull(null, 'z')", None, ("a1b", "n", "z")),
		("select locate('b', 'abc'), left('abc', 2), right('abc', 2)", None, (2, "ab", "bc")),
		("select datediff('2026-03-04', '2026-03-01'), year('2026-03-04')", None, (3, 2026)),
		("select date_format('2026-03-04 15:06:07', '%Y/%m/%d %H:%i:%s')", None, ("2026/03/04 15:06:07",)),
		("select timestampdiff(hour, '2026-01-01 00:00:00', '2026-01-02 01:30:00')", None, (25,)),
		("select 1 from tabUser where creation > now() - interval 50 year and name = 'Guest'", None, (1,)),
	],
)
def test_a_query_means_the_same(query, values, row):
	assert frappe.db.sql(query, *([values] if values is not None else [])) == (row,)


@pytest.mark.parametrize(
	("expression", "result"),
	[
		("date_add('2026-01-31', interval 1 month)", "2026-02-28"),
		("date_sub('2026-03-01 10:00:00', interval 90 minute)", "2026-03-01 08:30:00"),
		("last_day('2026-02-03')", "2026-02-28"),
	],
)
def test_dates_are_calculated_the_same(expression, result):
	assert str(frappe.db.sql(f"select {expression}")[0][0]) == result


def test_an_unknown_column_is_an_error_and_no_text():
	with pytest.raises(Exception) as caught:
		frappe.db.sql("select `nonsense` from tabUser")
	assert frappe.db.is_missing_column(caught.value)
	User = DocType("User")
	with pytest.raises(Exception) as caught:
		frappe.qb.from_(User).select(User.nonsense).run()
	assert frappe.db.is_missing_column(caught.value)


def test_an_unknown_table_is_told_apart():
	with pytest.raises(Exception) as caught:
		frappe.db.sql("select 1 from `tabNothing Like It`")
	assert frappe.db.is_table_missing(caught.value)


def test_the_query_builder_knows_intervals_locks_and_duplicates():
	User = DocType("User")
	recent = User.creation > Now() - Interval(years=50)
	assert frappe.qb.from_(User).select(Count("*")).where(recent).run()[0][0] >= 2
	locked = frappe.qb.from_(User).select(User.name).where(User.name == "Guest").for_update(skip_locked=True)
	assert locked.run() == (("Guest",),)
	frappe.db.bulk_insert("Series", ["name", "current"], [("TINY-A", 1), ("TINY-B", 2)])
	frappe.db.bulk_insert("Series", ["name", "current"], [("TINY-A", 9)], ignore_duplicates=True)
	assert frappe.db.get_value("Series", "TINY-A", "current", order_by=None) == 1


def test_a_rollback_takes_back_all_and_a_savepoint_what_came_after_it():
	frappe.db.bulk_insert("Series", ["name", "current"], [("TINY-C", 1)])
	frappe.db.savepoint("here")
	frappe.db.bulk_insert("Series", ["name", "current"], [("TINY-D", 1)])
	frappe.db.rollback(save_point="here")
	assert frappe.db.sql("select name from tabSeries where name like 'TINY-%'") == (("TINY-C",),)
	frappe.db.rollback()
	assert not frappe.db.sql("select name from tabSeries where name like 'TINY-%'")


def test_a_big_result_can_be_read_row_by_row():
	with frappe.db.unbuffered_cursor():
		rows = frappe.db.sql("select name from tabDocField", as_iterator=True, as_list=True)
		assert sum(1 for _ in rows) > 1000
