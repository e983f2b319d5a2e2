"""All access is frozen at once, and given back exactly as it was, or ended for good."""

import frappe
import pytest
from frappe.utils.password import check_password, get_decrypted_password

from crm_transparency.offboarding import (
	access_attempts,
	access_ending,
	access_vectors,
	step_progress,
	user_fields,
	wizard_api,
)
from crm_transparency.offboarding.exceptions import OffboardingIsClosed
from crm_transparency.offboarding.offboarding_records import REMOVAL
from tests.offboarding.people import do, in_days, make_employee, make_hr, offboarding_of, row
from tests.offboarding.test_access import equipped, make_report, make_session  # noqa: F401
from tests.people_and_accounts import acting_as, make_user

#: everything that names a user, and that freezing may touch; of sessions nothing comes back
TABLES = {
	"User": "name",
	"Notification Settings": "name",
	"User Social Login": "parent",
	"Has Role": "parent",
	"OAuth Bearer Token": "user",
	"Document Share Key": "owner",
	"Auto Email Report": "user",
	"DocShare": "user",
	"Email Unsubscribe": "email",
	"DefaultValue": "parent",
}
NOT_COMPARED = ("modified", "modified_by", "last_active", "idx")


@pytest.fixture(autouse=True)
def nobody_outside(monkeypatch):
	monkeypatch.setattr(access_attempts.Site, "answers", lambda site: False)
	monkeypatch.setattr(frappe.db, "commit", lambda *args, **options: None)


def everything_of(user: str) -> dict:
	found = {}
	for doctype, field in TABLES.items():
		for each in frappe.get_all(doctype, filters={field: user}, fields=["*"]):
			values = {(doctype, each.name, key): value for key, value in each.items() if value is not None}
			found.update({key: value for key, value in values.items() if key[2] not in NOT_COMPARED})
	return found


def freeze(by: str, **whom) -> str:
	with acting_as(by):
		return wizard_api.freeze(**whom)


def unfreeze(by: str, offboarding: str) -> dict:
	with acting_as(by):
		return wizard_api.unfreeze(offboarding)


def test_freezing_ends_all_access_at_once_and_nothing_else(equipped, hanna):  # noqa: F811
	ana = equipped.user
	freeze(hanna, offboarding=equipped.name)
	assert frappe.db.get_value("User", ana, "enabled") == 0
	active = access_ending.still_active(ana)
	assert active == []
	assert not access_attempts.is_token(
		frappe.get_all("OAuth Bearer Token", filters={"user": ana}, pluck="name")[0]
	)
	removal = frappe.get_doc(REMOVAL, equipped.name)
	assert (removal.status, removal.frozen_by, removal.ended_on) == ("Open", hanna, None)
	assert "frozen since" in row(equipped, "access").result
	assert row(equipped, "access").status == "In Progress"


def test_unfreezing_restores_exactly_what_was_there(equipped, hanna):  # noqa: F811
	ana = equipped.user
	frappe.db.set_value("Notification Settings", ana, "enabled", 0)
	before = everything_of(ana)
	key = frappe.db.get_value("User", ana, "api_key")
	freeze(hanna, offboarding=equipped.name)
	assert everything_of(ana) != before
	state = unfreeze(hanna, equipped.name)
	assert state["offboarding"]["frozen_on"] is None
	assert everything_of(ana) == before
	assert check_password(ana, "ana's own password") == ana
	secret = get_decrypted_password("User", ana, "api_secret")
	assert not access_attempts.ask_frappe(lambda: access_attempts.is_key(key, secret)).is_refused
	assert frappe.get_doc(REMOVAL, equipped.name).items == []
	assert "wasn't removed" in row(equipped, "access").result


def test_both_are_on_record_and_hr_is_told(equipped, hanna):  # noqa: F811
	other = make_hr()
	for _time in range(2):
		freeze(hanna, offboarding=equipped.name)
	for _time in range(2):
		unfreeze(hanna, equipped.name)
	timeline = frappe.get_all("Comment", {"reference_name": equipped.name, "comment_type": "Info"}, ["owner"])
	assert [comment.owner for comment in timeline] == [hanna, hanna]
	assert frappe.db.count("Notification Log", {"for_user": other, "document_name": equipped.name}) >= 2


def test_the_secrets_that_are_kept_for_it_are_encrypted(equipped, hanna):  # noqa: F811
	token = frappe.get_all("OAuth Bearer Token", filters={"user": equipped.user}, pluck="name")[0]
	freeze(hanna, offboarding=equipped.name)
	for item in frappe.get_doc(REMOVAL, equipped.name).items:
		assert token not in item.was


def test_the_manager_freezes_before_hr_is_there(employee, ana, mona, ben):
	for stranger in (ben, ana):
		with pytest.raises(frappe.PermissionError):
			freeze(stranger, user=ana)
	with acting_as(mona):
		assert [each["value"] for each in wizard_api.overview()["reports"]] == [ana]
	name = freeze(mona, employee=employee.name)
	assert frappe.db.get_value("User", ana, "enabled") == 0
	assert freeze(mona, user=ana) == name
	unfreeze(mona, name)
	assert frappe.db.get_value("User", ana, "enabled") == 1


def test_a_manager_freezes_nobody_but_the_user_of_an_active_employee_who_reports_to_them(
	employee, ana, mona, hanna, ben
):
	for whom in ({"employee": employee.name, "user": ben}, {"user": ben}):
		with pytest.raises(frappe.PermissionError):
			freeze(mona, **whom)
	with acting_as(hanna), pytest.raises(frappe.ValidationError, match="aren't the same person"):
		wizard_api.start(employee=employee.name, user=ben)
	# rehired: the old record names another manager
	left = make_employee(None, "Ana", make_employee(ben, "Ben").name)
	left.db_set({"user_id": ana, "status": "Left"})
	for whom in ({"employee": left.name}, {"employee": left.name, "user": ana}, {"user": ana}):
		with pytest.raises(frappe.PermissionError):
			freeze(ben, **whom)
	# linked to another user since the offboarding started
	offboarding = offboarding_of(user=ben)
	offboarding.db_set("employee", employee.name)
	with pytest.raises(frappe.PermissionError):
		freeze(mona, employee=employee.name)
	assert [frappe.db.get_value("User", user, "enabled") for user in (ana, ben)] == [1, 1]


def test_nobody_freezes_or_unfreezes_themselves_or_others(equipped, hanna, ben):  # noqa: F811
	freeze(hanna, offboarding=equipped.name)
	for user in (equipped.user, ben, make_user("Root", "System Manager")):
		with pytest.raises(frappe.PermissionError):
			unfreeze(user, equipped.name)
	own = offboarding_of(user=hanna)
	for whom in ({"user": hanna}, {"offboarding": own.name}):
		with pytest.raises(frappe.PermissionError, match="nobody runs their own"):
			freeze(hanna, **whom)


def test_a_planned_removal_stays_planned_and_is_carried_out(equipped, hanna):  # noqa: F811
	do(equipped, "access", hanna, action="plan", ends_at=f"{in_days(1)} 18:00:00")
	freeze(hanna, offboarding=equipped.name)
	frappe.db.set_value(REMOVAL, equipped.name, "ends_at", in_days(-1))
	access_ending.end_what_is_due()
	removal = frappe.get_doc(REMOVAL, equipped.name)
	assert (removal.status, removal.frozen_on) == ("Ended", None)
	assert get_decrypted_password("User", equipped.user, "api_secret", raise_exception=False) is None


def test_ending_what_is_frozen_can_still_be_cancelled(equipped, hanna):  # noqa: F811
	shares = frappe.db.count("DocShare", {"user": equipped.user})
	freeze(hanna, offboarding=equipped.name)
	do(equipped, "access", hanna, action="now")
	with acting_as(hanna):
		stays = wizard_api.cancel(equipped.name, "She stays")
	assert frappe.db.get_value("User", equipped.user, "enabled") == 1
	assert frappe.db.count("DocShare", {"user": equipped.user}) >= shares
	assert any("API key and secret" in sentence for sentence in stays)


def test_cancelling_unfreezes(equipped, hanna):  # noqa: F811
	before = everything_of(equipped.user)
	freeze(hanna, offboarding=equipped.name)
	with acting_as(hanna):
		assert wizard_api.cancel(equipped.name, "It was a mistake") == []
	assert everything_of(equipped.user) == before


def test_it_is_on_record_also_where_the_template_has_no_step_for_access(equipped, hanna):  # noqa: F811
	doc = frappe.get_doc("Offboarding", equipped.name)
	frappe.db.delete("Offboarding Step", {"parent": doc.name, "step": "access"})
	freeze(hanna, offboarding=doc.name)
	assert frappe.db.exists("Comment", {"reference_name": doc.name, "content": ("like", "%frozen since%")})
	with acting_as(hanna):
		wizard_api.cancel(doc.name, "It was a mistake")
	assert frappe.db.get_value("User", equipped.user, "enabled") == 1


def test_what_fails_stops_nothing_else_and_is_named(equipped, hanna, monkeypatch):  # noqa: F811
	def fail(*_arguments):
		raise TypeError("There is no such field")

	with monkeypatch.context() as patched:
		patched.setattr(access_vectors.Shares, "remove", fail)
		patched.setattr(user_fields, "user_fields", fail)
		patched.setattr("frappe.core.doctype.user.user.User.validate", fail)
		freeze(hanna, offboarding=equipped.name)
		assert "Not removed: Shares of documents." in row(equipped, "access").result
		do(equipped, "access", hanna, action="now")
	assert frappe.db.get_value("User", equipped.user, "enabled") == 0
	assert access_vectors.session_ids(equipped.user) == []
	assert "Not removed: Shares of documents." in row(equipped, "access").result
	do(equipped, "access", hanna, action="now")
	assert "Not removed" not in row(equipped, "access").result


def test_what_others_changed_meanwhile_stays_and_hr_is_told_what_is_not_restored(equipped, hanna, ben):  # noqa: F811
	ana, other = equipped.user, make_hr()
	to_both = make_report(ben)
	to_both.db_set("email_to", f"{ana}\nben@example.com")
	notifications = frappe.db.get_value("User", ana, "thread_notify")
	freeze(hanna, offboarding=equipped.name)
	to_both.db_set("email_to", "ben@example.com\ncleo@example.com")
	frappe.db.set_value("User", ana, {"api_key": "another key", "logout_all_sessions": 0})
	unfreeze(hanna, equipped.name)
	assert frappe.db.get_value("User", ana, "api_key") == "another key"
	assert frappe.db.get_value("User", ana, ["logout_all_sessions", "thread_notify"]) == (0, notifications)
	assert to_both.reload().email_to == f"ben@example.com\ncleo@example.com\n{ana}"
	assert [item.door for item in frappe.get_doc(REMOVAL, equipped.name).items] == ["api_key"]
	assert "Not restored: API key and secret." in row(equipped, "access").result
	told = frappe.get_all(
		"Notification Log", {"for_user": other, "document_name": equipped.name}, ["subject"]
	)
	assert any("Not restored: API key and secret (1)" in each.subject for each in told)
	with acting_as(hanna):
		assert wizard_api.cancel(equipped.name, "She stays") == []


def test_the_manager_gives_back_only_what_they_froze(equipped, hanna, mona):  # noqa: F811
	freeze(hanna, offboarding=equipped.name)
	with acting_as(mona):
		assert not wizard_api.open(equipped.name)["offboarding"]["unfreezes"]
	with pytest.raises(frappe.PermissionError):
		unfreeze(mona, equipped.name)
	assert unfreeze(hanna, equipped.name)["offboarding"]["is_enabled"]


def test_freezing_waits_for_whoever_is_cancelling(equipped, hanna, monkeypatch):  # noqa: F811
	lock = step_progress.lock

	def locked_after_somebody_cancelled(offboarding: str, step: str):
		found = lock(offboarding, step)
		frappe.db.set_value("Offboarding", offboarding, "status", "Cancelled")
		return found

	monkeypatch.setattr(step_progress, "lock", locked_after_somebody_cancelled)
	for act in (lambda: freeze(hanna, offboarding=equipped.name), lambda: unfreeze(hanna, equipped.name)):
		with pytest.raises(OffboardingIsClosed):
			act()
	assert frappe.db.get_value("User", equipped.user, "enabled") == 1


def test_whoever_is_enabled_again_by_hand_can_be_frozen_again(equipped, hanna):  # noqa: F811
	ana = equipped.user
	before = everything_of(ana)
	freeze(hanna, offboarding=equipped.name)
	user = frappe.get_doc("User", ana)
	user.enabled = 1
	user.save()
	with acting_as(hanna):
		assert wizard_api.open(equipped.name)["offboarding"]["is_enabled"]
	freeze(hanna, offboarding=equipped.name)
	assert frappe.db.get_value("User", ana, "enabled") == 0
	unfreeze(hanna, equipped.name)
	# saving a user shares it with themselves
	assert before.items() <= everything_of(ana).items()
