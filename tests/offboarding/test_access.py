"""Step 7: access ends everywhere, it is proved, and it can be given back as far as possible."""

import frappe
import pytest
from frappe import twofactor
from frappe.utils import now_datetime
from frappe.utils.password import check_password, get_decrypted_password, update_password

from crm_transparency.crm_transparency import encryption
from crm_transparency.offboarding import access_attempts, access_ending, access_vectors, wizard_api
from crm_transparency.offboarding.offboarding_records import REMOVAL
from tests.offboarding.people import do, in_days, make_employee, offboarding_of, row
from tests.people_and_accounts import acting_as, make_customer, make_user

CHECKLIST = 6


@pytest.fixture(autouse=True)
def nobody_outside(monkeypatch):
	"""The site can't be reached over HTTP in these tests; tests/http tries that."""
	monkeypatch.setattr(access_attempts.Site, "answers", lambda site: False)
	monkeypatch.setattr(frappe, "enqueue", lambda *args, **options: None)
	for savepoint_breaker in ("commit",):
		monkeypatch.setattr(frappe.db, savepoint_breaker, lambda *args, **options: None)


@pytest.fixture
def equipped(offboarding, ben):
	"""Ana with everything that opens the site."""
	ana = offboarding.user
	update_password(ana, "ana's own password")
	user = frappe.get_doc("User", ana)
	user.api_key, user.api_secret = frappe.generate_hash(length=15), "an-api-secret"
	user.reset_password_key = "half a key"
	user.append("social_logins", {"provider": "github", "userid": "4711"})
	user.save()
	make_session(ana)
	make_token(ana)
	twofactor.set_default(f"{ana}_otpsecret", "secret")
	twofactor.set_default(f"{ana}_otplogin", 1)
	customer = make_customer(ben)
	frappe.share.add("Customer", customer.name, ana)
	make_report(ana)
	frappe.get_doc(
		doctype="Document Share Key",
		reference_doctype="Customer",
		reference_docname=customer.name,
		expires_on=in_days(60),
	).insert().db_set("owner", ana)
	return offboarding


def make_session(user: str) -> str:
	sid = frappe.generate_hash()
	frappe.db.sql(
		"""insert into `tabSessions` (sessiondata, user, lastupdate, sid, status) values (%s, %s, %s, %s, 'Active')""",
		("{}", user, now_datetime(), sid),
	)
	return sid


def make_token(user: str) -> str:
	client = frappe.get_doc(
		doctype="OAuth Client",
		app_name="App",
		redirect_uris="http://localhost",
		default_redirect_uri="http://localhost",
	).insert()
	return (
		frappe.get_doc(
			doctype="OAuth Bearer Token",
			client=client.name,
			user=user,
			scopes="all openid",
			access_token=frappe.generate_hash(length=30),
			expires_in=3600,
		)
		.insert()
		.name
	)


def make_report(user: str):
	report = frappe.get_doc(
		doctype="Auto Email Report",
		report="Account Owner Changes",
		user=user,
		enabled=1,
		email_to=f"{user}\nben@example.com",
		frequency="Weekly",
		day_of_week="Monday",
		format="HTML",
		filters="{}",
	)
	report.flags.ignore_validate = True
	return report.insert(ignore_permissions=True)


def end_now(offboarding, by, **arguments):
	do(offboarding, "access", by, action="now", **arguments)
	access_ending.prove(offboarding.name)
	return frappe.get_doc(REMOVAL, offboarding.name)


def ended(removal) -> dict[str, int]:
	return {item.door: item.number for item in removal.items}


def test_every_way_in_is_closed(equipped, hanna):
	ana = equipped.user
	removal = end_now(equipped, hanna)
	closed = ended(removal)
	assert closed == {
		"api_key": 1,
		"oauth_tokens": 1,
		"social_logins": 1,
		"second_factor": 2,
		"password_links": 1,
		"shares": closed["shares"],
		"document_links": 1,
		"scheduled_reports": 1,
		"user": 1,
		"sessions": 1,
		"mails": 1,
	}
	user = frappe.get_doc("User", ana)
	assert (user.enabled, user.api_key, user.reset_password_key, user.social_logins[1:]) == (
		0,
		None,
		None,
		[],
	)
	assert get_decrypted_password("User", ana, "api_secret", raise_exception=False) is None
	assert access_vectors.session_ids(ana) == []
	assert not frappe.db.exists("DocShare", {"user": ana})
	assert frappe.get_all("OAuth Bearer Token", filters={"user": ana}, pluck="status") == ["Revoked"]
	assert not twofactor.get_default(f"{ana}_otpsecret")


def test_it_is_proved_that_nothing_works_any_more(equipped, hanna):
	removal = end_now(equipped, hanna)
	proofs = {proof.attempt: bool(proof.is_refused) for proof in removal.proofs}
	assert proofs == {
		"Log in with the correct password": True,
		"Use session 1": True,
		"Use the API key": True,
		"Use OAuth token 1": True,
	}
	assert removal.to_try is None and removal.proved_on
	with pytest.raises(frappe.AuthenticationError):
		check_password(equipped.user, "ana's own password")


def test_what_still_works_is_found_and_told(equipped, hanna):
	do(equipped, "access", hanna, action="now")
	frappe.db.set_value("User", equipped.user, "enabled", 1)
	make_alive = frappe.get_all("OAuth Bearer Token", filters={"user": equipped.user}, pluck="name")
	frappe.db.set_value(
		"OAuth Bearer Token", make_alive[0], {"status": "Active", "expiration_time": in_days(1)}
	)
	access_ending.prove(equipped.name)
	removal = frappe.get_doc(REMOVAL, equipped.name)
	let_in = {proof.attempt for proof in removal.proofs if not proof.is_refused}
	assert let_in == {"Log in with the correct password", "Use OAuth token 1"}
	assert row(equipped, "access").status == "In Progress"
	assert "Not refused" in row(equipped, "access").result
	assert frappe.db.exists("Notification Log", {"for_user": hanna, "document_name": equipped.name})


def test_what_is_tried_is_kept_encrypted_and_then_gone(equipped, hanna):
	secret = "an-api-secret"
	do(equipped, "access", hanna, action="now")
	kept = frappe.db.get_value(REMOVAL, equipped.name, "to_try")
	assert kept.startswith(encryption.MARK) and secret not in kept
	access_ending.prove(equipped.name)
	assert not frappe.db.get_value(REMOVAL, equipped.name, "to_try")


def test_twice_is_as_good_as_once(equipped, hanna):
	first = ended(end_now(equipped, hanna))
	second = end_now(equipped, hanna)
	assert ended(second) == first
	assert [bool(proof.is_refused) for proof in second.proofs] == [True]


def test_access_ends_at_the_planned_moment(equipped, hanna):
	do(equipped, "access", hanna, action="plan", ends_at=f"{in_days(1)} 18:00:00")
	access_ending.end_what_is_due()
	assert frappe.db.get_value("User", equipped.user, "enabled") == 1
	frappe.db.set_value(REMOVAL, equipped.name, "ends_at", in_days(-1))
	access_ending.end_what_is_due()
	assert frappe.db.get_value("User", equipped.user, "enabled") == 0
	removal = frappe.get_doc(REMOVAL, equipped.name)
	assert removal.status == "Ended" and removal.proofs
	assert row(equipped, "access").done_by == hanna


def test_a_cancelled_offboarding_ends_no_access(equipped, hanna):
	do(equipped, "access", hanna, action="plan", ends_at=f"{in_days(1)} 18:00:00")
	with acting_as(hanna):
		wizard_api.cancel(equipped.name, "She stays")
	frappe.db.set_value(REMOVAL, equipped.name, {"ends_at": in_days(-1), "status": "Planned"})
	access_ending.end_what_is_due()
	assert frappe.db.get_value("User", equipped.user, "enabled") == 1


def test_reports_and_jobs_move_to_who_takes_them_over(equipped, hanna, ben):
	end_now(equipped, hanna, jobs_to=ben)
	assert frappe.get_all("Auto Email Report", filters={"user": ben}, pluck="enabled") == [1]
	readers = frappe.get_all("Auto Email Report", filters={"user": ben}, pluck="email_to")
	assert readers == ["ben@example.com"]


def test_nobody_who_leaves_or_is_disabled_takes_them_over(equipped, hanna):
	for user in (equipped.user, make_disabled()):
		with pytest.raises(frappe.ValidationError):
			do(equipped, "access", hanna, action="now", jobs_to=user)


def make_disabled() -> str:
	user = make_user("Gone")
	frappe.db.set_value("User", user, "enabled", 0)
	return user


def test_it_is_done_when_people_have_collected_the_rest(equipped, hanna):
	end_now(equipped, hanna)
	assert row(equipped, "access").status == "In Progress"
	with acting_as(hanna):
		items = wizard_api.open(equipped.name, "access")["known"]["checklist"]
	assert len(items) == CHECKLIST
	for item in items:
		do(equipped, "access", hanna, action="check", item=item["item"], status="Done", note="In the safe")
	assert row(equipped, "access").status == "Done"
	with acting_as(hanna):
		(first, *_rest) = wizard_api.open(equipped.name, "access")["known"]["checklist"]
	assert (first["done_by_name"], first["note"], bool(first["done_on"])) == ("Hanna", "In the safe", True)


def test_the_checklist_grows(equipped, hanna):
	do(equipped, "access", hanna, action="check", item="Company car", status="Open", is_new=1)
	do(equipped, "access", hanna, action="check", item="Company car", status="Not needed")
	with pytest.raises(frappe.ValidationError):
		do(equipped, "access", hanna, action="check", item="Yacht")
	removal = frappe.get_doc(REMOVAL, equipped.name)
	assert removal.checklist[-1].status == "Not needed"


def test_whoever_is_named_for_an_item_marks_it_with_a_to_do_and_sees_nothing_else(equipped, hanna, ben):
	for _time in range(2):
		do(equipped, "access", hanna, action="name", item="Laptop", user=ben)
	(todo,) = frappe.get_all("ToDo", filters={"allocated_to": ben}, pluck="name")
	with acting_as(ben):
		with pytest.raises(frappe.PermissionError):
			wizard_api.open(equipped.name, "access")
		document = frappe.get_doc("ToDo", todo)
		document.status = "Closed"
		document.save()
	laptop = frappe.get_doc(REMOVAL, equipped.name).checklist[0]
	assert (laptop.item, laptop.status, laptop.done_by) == ("Laptop", "Done", ben)
	assert "Laptop" not in row(equipped, "access").result


def test_an_item_that_is_marked_otherwise_closes_the_to_do(equipped, hanna, ben):
	do(equipped, "access", hanna, action="name", item="Laptop", user=ben)
	do(equipped, "access", hanna, action="name", item="Phone", user=ben)
	do(equipped, "access", hanna, action="check", item="Laptop")
	with acting_as(hanna):
		wizard_api.cancel(equipped.name, "She stays")
	todos = frappe.get_all("ToDo", filters={"allocated_to": ben}, fields=["description", "status"])
	assert {todo.description.split(": ")[1]: todo.status for todo in todos} == {
		"Laptop": "Closed",
		"Phone": "Cancelled",
	}


def test_the_leaver_is_not_named_for_anything(equipped, hanna):
	for user in (equipped.user, "nobody@example.com"):
		with pytest.raises(frappe.ValidationError):
			do(equipped, "access", hanna, action="name", item="Laptop", user=user)


def test_an_employee_without_a_user_has_the_checklist_only(hanna):
	offboarding = offboarding_of(make_employee(None))
	with pytest.raises(frappe.ValidationError):
		do(offboarding, "access", hanna, action="now")
	with acting_as(hanna):
		items = wizard_api.open(offboarding.name, "access")["known"]["checklist"]
	for item in items:
		do(offboarding, "access", hanna, action="check", item=item["item"])
	assert row(offboarding, "access").status == "Done"


def test_cancelling_gives_back_what_can_be_given_back(equipped, hanna):
	ana = equipped.user
	shares = frappe.db.count("DocShare", {"user": ana})
	end_now(equipped, hanna)
	with acting_as(hanna):
		stays = wizard_api.cancel(equipped.name, "She stays")
	user = frappe.get_doc("User", ana)
	assert user.enabled == 1
	assert [login.provider for login in user.social_logins if login.provider == "github"]
	assert frappe.db.count("DocShare", {"user": ana}) >= shares
	assert frappe.get_all("Auto Email Report", filters={"user": ana}, pluck="enabled") == [1]
	assert str(
		frappe.get_all("Document Share Key", filters={"owner": ana}, pluck="expires_on")[0]
	) == in_days(60)
	assert any("new password" in sentence for sentence in stays)
	assert any("API key" in sentence for sentence in stays)


def test_a_user_that_some_rule_keeps_from_being_saved_is_disabled_all_the_same(equipped, hanna, monkeypatch):
	from frappe.core.doctype.user.user import User

	monkeypatch.setattr(User, "validate", lambda user: frappe.throw("No"))
	end_now(equipped, hanna)
	assert frappe.db.get_value("User", equipped.user, "enabled") == 0
