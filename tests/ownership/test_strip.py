import frappe
import pytest

from crm_transparency.ownership import change_reasons, changes, recent_edits, strip
from tests.ownership.changing_hands import hand, narrow_to_people_concerned, recorded, take_over
from tests.people_and_accounts import acting_as, history, make_customer, make_lead, make_user


@pytest.fixture
def taken_over(ana, ben):
	customer = make_customer(account_manager=ben)
	take_over(customer, by=ana)
	return customer


def read(account):
	return strip.read(account.doctype, account.name)


def test_it_says_whose_account_it_is_and_since_when(taken_over, ana):
	shown = read(taken_over)
	assert (shown["account_owner"], shown["account_owner_name"]) == (ana, "Ana")
	assert shown["since"] == history(taken_over)[-1].changed_on


def test_it_says_who_changed_the_owner_last(taken_over):
	change = read(taken_over)["last_change"]
	assert (change["kind"], change["sentence"]) == ("Taken Over", "Ana took this account over from Ben")


def test_it_says_who_really_did_it(ana, ben):
	customer = make_customer(account_manager=ben)
	with acting_as(ana):
		frappe.session.data.impersonated_by = "Administrator"
		customer.reload()
		customer.account_manager = ana
		customer.save()
	sentence = read(customer)["last_change"]["sentence"]
	assert sentence == ("Ana took this account over from Ben. It was Administrator, signed in as Ana.")


def test_it_counts_the_changes_of_a_year(taken_over, ben):
	taken_over.reload()
	taken_over.account_manager = ben
	taken_over.save()
	assert read(taken_over)["changes_in_12_months"] == 2, "the owner it was made with is no change"


def test_it_names_the_transfer_and_links_it_to_whoever_may_open_it(ana, ben, mona):
	transfer = frappe.get_doc(
		doctype="Account Transfer", from_user=ben, strategy="One Successor", successors=[{"user": ana}]
	)
	transfer.insert(ignore_mandatory=True)
	customer = make_customer(account_manager=ben)
	with acting_as(mona), changes.account_transfer(transfer.name):
		hand(customer, to=ana, by=mona)
	shown = read(customer)["last_change"]
	assert shown["sentence"] == f"Mona moved this account from Ben to Ana with transfer {transfer.name}"
	assert shown["account_transfer"] == transfer.name
	with acting_as(make_user("Carl")):
		assert read(customer)["last_change"]["account_transfer"] is None


def test_an_undone_transfer_leaves_since_as_it_was(ana, ben, mona):
	customer = make_customer(account_manager=ben)
	since = read(customer)["since"]
	with changes.account_transfer("AT-1"):
		hand(customer, to=ana, by=mona)
		assert read(customer)["since"] > since
		hand(customer, to=ben, by=mona)
	shown = read(customer)
	assert shown["since"] == since
	assert shown["last_change"]["sentence"] == "Mona undid transfer AT-1, which gave this account back to Ben"


def test_an_account_that_nobody_has(ana):
	shown = read(make_customer())
	assert shown["account_owner"] is None and shown["last_change"] is None and shown["since"] is None


def test_a_silent_change_is_not_passed_off_as_the_recorded_owners_time(taken_over, ben):
	frappe.db.set_value("Customer", taken_over.name, "account_manager", ben)
	frappe.clear_document_cache("Customer", taken_over.name)
	shown = read(taken_over)
	assert shown["account_owner"] == ben and shown["since"] is None


def test_it_says_what_else_was_changed(taken_over, ana):
	with acting_as(ana):
		taken_over.reload()
		taken_over.website = "https://harbour.example"
		taken_over.flags.ignore_version = False
		taken_over.save(ignore_version=False)
	newest = read(taken_over)["edits"][0]
	assert newest["sentence"] == "Ana changed Website"
	assert newest["changes"] == [{"label": "Website", "before": None, "after": "https://harbour.example"}]


def test_without_versions_it_still_says_who_saved_last(ana):
	lead = make_lead(lead_owner=ana)
	if frappe.get_meta("Lead").track_changes:
		frappe.db.delete("Version", {"ref_doctype": "Lead", "docname": lead.name})
	with acting_as(ana):
		lead.reload()
		lead.job_title = "Editor"
		lead.save(ignore_version=True)
	assert read(lead)["edits"][0]["sentence"] == "Ana saved this"


def test_fields_that_the_reader_may_not_read_stay_out(taken_over, ana, ben):
	from frappe.custom.doctype.property_setter.property_setter import make_property_setter

	taken_over.reload()
	taken_over.website = "https://secret.example"
	taken_over.save(ignore_version=False)
	make_property_setter("Customer", "website", "permlevel", 3, "Int", validate_fields_for_doctype=False)
	frappe.clear_cache(doctype="Customer")
	with acting_as(ben):
		assert "secret" not in frappe.as_json(read(taken_over))
		assert "Website" not in frappe.as_json(read(taken_over))


def test_whoever_may_not_read_the_account_sees_no_strip(taken_over):
	with acting_as(make_user("Hedi", "Website Manager")), pytest.raises(frappe.PermissionError):
		read(taken_over)


def test_everyone_sees_changes_unless_the_setting_narrows_it(taken_over, ana, ben):
	with acting_as(make_user("Carl")):
		assert read(taken_over)["last_change"]["kind"] == "Taken Over"
	narrow_to_people_concerned()
	entry = frappe.get_doc("Account Owner Change", history(taken_over)[-1].name)
	for person, sees_it in (
		(ana, True),
		(ben, True),
		(make_user("Mona", "Sales User", "Transparency Manager"), True),
	):
		with acting_as(person):
			assert bool(read(taken_over)["last_change"]) is sees_it
			assert entry.has_permission("read")
			assert frappe.get_list("Account Owner Change", filters={"name": entry.name})
	with acting_as(make_user("Carl")):
		assert read(taken_over)["last_change"] is None
		assert not entry.has_permission("read")
		assert not frappe.get_list("Account Owner Change", filters={"name": entry.name})


def test_a_reason_can_be_given_after_a_takeover(taken_over, ana, ben):
	with acting_as(ana):
		change = read(taken_over)["last_change"]
		assert change["reason_wanted"]
		change_reasons.give(change["entry"], "  The customer called, Ben is on holiday.  ")
		change = read(taken_over)["last_change"]
	assert (change["reason"], change["reason_wanted"]) == ("The customer called, Ben is on holiday.", False)


def test_only_who_made_the_change_gives_a_reason(taken_over, ben):
	entry = history(taken_over)[-1].name
	with acting_as(ben):
		assert not read(taken_over)["last_change"]["reason_wanted"]
		with pytest.raises(frappe.PermissionError):
			change_reasons.give(entry, "Because")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "<br><i></i>", "\u200b", "\x00"])
def test_an_empty_or_overlong_reason_is_refused(taken_over, ana, reason):
	with acting_as(ana), pytest.raises(frappe.ValidationError):
		change_reasons.give(history(taken_over)[-1].name, reason)


def test_a_reason_is_seen_by_those_who_see_the_change(taken_over, ana):
	with acting_as(ana):
		change_reasons.give(history(taken_over)[-1].name, "The customer called.")
	narrow_to_people_concerned()
	reason = frappe.get_last_doc("Account Owner Change Reason")
	with acting_as(make_user("Carl")):
		assert not frappe.get_list("Account Owner Change Reason")
		assert not reason.has_permission("read")
	with acting_as(ana):
		assert frappe.get_list("Account Owner Change Reason", pluck="name") == [reason.name]
		assert reason.has_permission("read")


def test_lists_mark_accounts_that_changed_hands_lately(taken_over, ana):
	untouched = make_customer(account_manager=ana)
	marked = recent_edits.recently_changed("Customer", [taken_over.name, untouched.name])
	assert {name: change["sentence"] for name, change in marked.items()} == {
		taken_over.name: "Ana took this account over from Ben"
	}


def test_a_change_has_room_for_five_reasons(taken_over, ana):
	entry = history(taken_over)[-1].name
	with acting_as(ana):
		for number in range(5):
			change_reasons.give(entry, f"Reason {number}")
		with pytest.raises(frappe.ValidationError, match="already"):
			change_reasons.give(entry, "One more")


def test_whoever_lost_the_role_sees_the_account_but_not_its_ledger(taken_over, ben):
	user = frappe.get_doc("User", ben)
	user.remove_roles("CRM Colleague")
	with acting_as(ben):
		shown = read(taken_over)
		assert shown["account_owner"] and shown["last_change"] is None and shown["changes_in_12_months"] == 0
		assert recent_edits.recently_changed("Customer", [taken_over.name]) == {}


def test_names_that_are_no_list_are_refused():
	for names in ("5", "null", "{", "", {"a": 1}):
		with pytest.raises(frappe.ValidationError, match="list"):
			recent_edits.recently_changed("Customer", names)


def test_an_untracked_or_unknown_doctype_has_no_strip():
	assert strip.read("No such doctype", "x") is None


def test_lists_mark_nothing_that_the_user_may_not_see(taken_over):
	with acting_as(make_user("Hedi", "Website Manager")), pytest.raises(frappe.PermissionError):
		recent_edits.recently_changed("Customer", [taken_over.name])
	assert recent_edits.recently_changed("ToDo", [taken_over.name]) == {}


def test_a_percent_sign_in_a_users_name_is_only_a_character():
	odd = frappe.get_doc(doctype="User", email="50%s@example.com", first_name="Odd", send_welcome_email=0)
	odd.append_roles("Sales User")
	odd.insert()
	narrow_to_people_concerned()
	entry = recorded(previous_owner=odd.name, changed_by="Administrator")
	with acting_as(odd.name):
		assert frappe.get_list("Account Owner Change", pluck="name") == [entry.name]
		assert frappe.get_list("Coaching Note") == []


def test_people_go_by_their_names_in_edits(ana, ben):
	customer = make_customer(account_manager=ben)
	customer.account_manager = ana
	customer.save(ignore_version=False)
	changes = read(customer)["edits"][0]["changes"]
	assert {"label": "Account Manager", "before": "Ben", "after": "Ana"} in changes
