"""HR's wizard says who leaves; the ringers watch them first. What HR doesn't see are ringers."""

import frappe
import pytest
from frappe.utils import add_days, getdate, today

from crm_transparency.crm_transparency import encryption
from crm_transparency.ringers import leavers
from crm_transparency.ringers.documents import LEAVER
from tests.people_and_accounts import acting_as, make_user


def test_a_leaver_is_watched_until_a_day():
	until = add_days(today(), 90)
	leavers.watch("OFF-0001", "ada@example.com", "HR-EMP-1", until, "Rival Books Ltd")
	assert (
		leavers.Leaver("OFF-0001", "ada@example.com", "HR-EMP-1", getdate(until), "Rival Books Ltd")
		in leavers.watched()
	)
	assert "OFF-0001" not in {leaver.offboarding for leaver in leavers.watched(add_days(until, 1))}


def test_watching_twice_replaces_and_unwatching_twice_is_fine():
	leavers.watch("OFF-0002", None, "HR-EMP-2", today(), None)
	leavers.watch("OFF-0002", None, "HR-EMP-2", add_days(today(), 5), "rival.example")
	assert [leaver.new_employer for leaver in leavers.watched() if leaver.offboarding == "OFF-0002"] == [
		"rival.example"
	]
	leavers.unwatch("OFF-0002")
	leavers.unwatch("OFF-0002")
	assert not [leaver for leaver in leavers.watched() if leaver.offboarding == "OFF-0002"]


def test_hr_may_have_somebody_watched_without_seeing_who_is():
	hr = make_user("Hanna", "HR Manager", "System Manager")
	with acting_as(hr):
		leavers.watch("OFF-0003", "bo@example.com", None, add_days(today(), 3), "Rival Books Ltd")
		with pytest.raises(frappe.PermissionError):
			frappe.get_list(LEAVER)
		name = frappe.db.get_value(LEAVER, {"offboarding": "OFF-0003"})
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc(LEAVER, name).check_permission()
		assert "Rival" not in frappe.as_json(frappe.get_doc(LEAVER, name))


def test_the_database_holds_nothing_readable_about_the_person():
	leavers.watch("OFF-0004", "cy@example.com", None, today(), "Rival Books Ltd")
	stored = frappe.db.get_value(LEAVER, {"offboarding": "OFF-0004"}, "person")
	assert stored.startswith(encryption.MARK)
	assert "cy@example.com" not in stored
