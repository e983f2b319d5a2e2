"""Policies, their texts and who acknowledged them."""

import frappe
import pytest

from crm_transparency.ledger.entries import LedgerEntryIsFinal
from crm_transparency.stewardship import policies
from tests.people_and_accounts import acting_as, make_user


def make_policy(text: str = "<p>What you learn here stays here.</p>", **values):
	values = {"policy_type": "Confidentiality", "language": "en", **values}
	return frappe.get_doc(
		doctype="Policy", title=f"Confidentiality {frappe.generate_hash(length=6)}", text=text, **values
	).insert()


def texts_of(policy) -> list[tuple]:
	rows = frappe.get_all(
		"Policy Text", filters={"policy": policy.name}, fields=["policy_version", "text"], order_by="name"
	)
	return [(row.policy_version, row.text) for row in rows]


def test_a_changed_text_is_a_new_version_and_old_texts_stay():
	policy = make_policy()
	policy.text = "<p>What you learn here stays here, for ever.</p>"
	policy.save()
	policy.is_in_force = 0
	policy.save()
	assert policy.version == 2
	assert texts_of(policy) == [
		(1, "<p>What you learn here stays here.</p>"),
		(2, "<p>What you learn here stays here, for ever.</p>"),
	]


def test_a_version_can_not_be_typed_in():
	policy = make_policy()
	policy.version = 17
	policy.save()
	assert policy.version == 1


def test_the_policy_in_force_comes_in_the_readers_language():
	make_policy("<p>Old</p>", is_in_force=0)
	english, german = make_policy(), make_policy("<p>Vertraulich</p>", language="de")
	assert policies.in_force("Confidentiality", "de").name == german.name
	assert policies.in_force("Confidentiality", "en").name == english.name
	assert policies.in_force("Confidentiality", "fr")
	assert policies.in_force("Data Ownership") is None


def acknowledge(user: str | None, employee: str | None = None, **values):
	return policies.acknowledge(
		user=user,
		employee=employee,
		policy_type="Confidentiality",
		text_sha256=policies.sha256("text"),
		signed_name="Ana Lima",
		way=policies.IN_THE_DESK,
		**values,
	)


def test_people_see_their_own_acknowledgements_and_hr_all():
	ana, ben, hanna = make_user("Ana"), make_user("Ben"), make_user("Hanna", "HR Manager")
	entry = acknowledge(ana)
	for user, sees in ((ana, True), (ben, False), (hanna, True)):
		with acting_as(user):
			assert bool(frappe.get_list("Policy Acknowledgement", filters={"name": entry.name})) is sees
			assert frappe.has_permission("Policy Acknowledgement", doc=entry.name) is sees


def test_an_acknowledgement_is_final():
	entry = acknowledge(make_user("Ana"))
	entry.signed_name = "Somebody else"
	with pytest.raises(LedgerEntryIsFinal):
		entry.save()
	with pytest.raises(LedgerEntryIsFinal):
		frappe.delete_doc("Policy Acknowledgement", entry.name, force=True)


def test_what_a_person_acknowledged_is_found_under_user_and_employee():
	ana = make_user("Ana")
	acknowledge(ana)
	acknowledge(None, "HR-EMP-4711")
	acknowledge(make_user("Ben"))
	assert len(policies.acknowledged_by(ana, "HR-EMP-4711", ("Confidentiality",))) == 2
	assert policies.acknowledged_by(ana, None, ("Data Ownership",)) == []
	assert policies.acknowledged_by(None, None, ("Confidentiality",)) == []


def test_a_policy_that_was_acknowledged_is_not_deleted():
	policy = make_policy()
	acknowledge(make_user("Ana"), policy=policy.name, policy_version=1)
	with pytest.raises(frappe.ValidationError):
		policy.delete()
