"""Does the alarm work? A drill shows it, by the real path."""

import json

import frappe
import pytest
from frappe.utils import add_months, now_datetime

from crm_transparency.ringers import drill, fingerprints, inbound_webhook
from crm_transparency.ringers.documents import CASE, SIGHTING
from crm_transparency.ringers.secrecy import decrypted
from tests.people_and_accounts import acting_as
from tests.ringers.watched import email_account, make_reader, plant, sightings

pytestmark = pytest.mark.usefixtures("evidence_goes")


def test_a_simulated_leak_rings_by_the_webhook():
	rita = make_reader()
	marina = plant()
	inbound_webhook.new_secret()
	with acting_as(rita):
		(outcome,) = drill.simulate_leak(json.dumps([marina.ringer]))
	assert outcome["rang"]
	(sighting,) = sightings(marina.ringer)
	assert (sighting.is_drill, sighting.verdict) == (1, "Drill")
	assert frappe.db.get_value(CASE, outcome["case"], ["status", "is_drill"]) == ("Drill", 1)
	assert frappe.db.exists("Notification Log", {"for_user": rita})


def test_a_drill_makes_one_case_that_is_called_so_and_names_its_ringers():
	ringers = [plant(name) for name in ("Marina", "Oscar", "Petra")]
	inbound_webhook.new_secret()
	outcomes = drill.simulate_leak([ringer.ringer for ringer in ringers])
	(name,) = {outcome["case"] for outcome in outcomes}
	case = frappe.get_doc(CASE, name)
	case.run_method("onload")
	assert case.ringer_count == 3
	assert decrypted(case, "title").startswith("Drill on ")
	names = set(case.get_onload("ringers").values())
	assert names == {frappe.db.get_value("Contact", ringer.contact, "full_name") for ringer in ringers}
	other = drill.simulate_leak([ringers[0].ringer])[0]["case"]
	assert other != name


def test_a_simulated_leak_rings_by_a_mailbox_and_leaves_nothing_that_others_see():
	marina = plant()
	email_account().db_set("enable_incoming", 1)
	frappe.db.set_value("Email Account", {"name": ("!=", "Inbox")}, "enable_incoming", 0)
	contacts = frappe.db.count("Contact")
	(outcome,) = drill.simulate_leak([marina.ringer], way="Mailbox")
	assert outcome["rang"]
	assert not frappe.db.exists("Communication", {"recipients": ("like", f"%{marina.email}%")})
	assert frappe.db.count("Contact") == contacts
	assert not frappe.db.exists("Deleted Document", {"deleted_doctype": "Communication"})


def test_a_ringer_that_nothing_reaches_did_not_ring():
	marina = plant()
	inbound_webhook.new_secret()
	frappe.db.set_value("Ringer", marina.ringer, "email_fingerprint", "lost")
	(outcome,) = drill.simulate_leak([marina.ringer])
	assert not outcome["rang"]


def test_nobody_else_can_make_a_sighting_look_like_a_drill():
	mark = fingerprints.new_drill_mark()
	assert fingerprints.is_drill_mark(mark)
	assert not fingerprints.is_drill_mark(mark[:-1] + ("0" if mark[-1] != "0" else "1"))
	for forged in (None, "", "-", "x-y", "é-é"):
		assert not fingerprints.is_drill_mark(forged)


def test_ringer_managers_are_reminded_of_ringers_that_were_not_tested_for_half_a_year():
	rita = make_reader()
	marina = plant()
	ringer = frappe.get_doc("Ringer", marina.ringer)
	drill.remind()
	reminders = {"for_user": rita, "link": "/app/ringer-case"}
	assert not frappe.db.exists("Notification Log", reminders)
	ringer.planted_on = str(add_months(now_datetime(), -7))
	ringer.save()
	assert marina.ringer in drill.overdue()
	drill.remind()
	assert frappe.db.exists("Notification Log", reminders)
	inbound_webhook.new_secret()
	drill.simulate_leak([marina.ringer])
	assert marina.ringer not in drill.overdue()
	assert frappe.db.count(SIGHTING, {"ringer": marina.ringer}) == 1
