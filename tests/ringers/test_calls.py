"""ERPNext's telephony writes a Call Log for each call; ringers have telephones, too."""

import frappe
import pytest

from tests.ringers.watched import look, plant, sightings

pytestmark = pytest.mark.usefixtures("nothing_is_committed")

NUMBER = "+44 7700 900124"


def call(**values) -> None:
	frappe.get_doc(
		{
			"doctype": "Call Log",
			"id": frappe.generate_hash(length=8),
			"type": "Incoming",
			"status": "Completed",
			**values,
		}
	).insert()


@pytest.mark.parametrize("dialled", ["+447700900124", "+44 (7700) 900-124", "0044 7700 900124"])
def test_a_call_to_a_ringers_number_is_a_sighting(dialled):
	frappe.db.set_single_value("System Settings", "country", "United Kingdom")
	marina = plant(phone=NUMBER)
	call(**{"from": "+44 20 7946 0001", "to": dialled})
	look()
	(sighting,) = sightings(marina.ringer)
	assert (sighting.channel, sighting.came_by, sighting.sender) == ("Phone", "Call Log", "+442079460001")


def test_a_call_of_ours_to_a_ringer_is_none():
	marina = plant(phone=NUMBER)
	call(**{"from": "+44 20 7946 0001", "to": NUMBER, "type": "Outgoing"})
	look()
	assert not sightings(marina.ringer)


def test_a_call_to_somebody_else_is_none():
	marina = plant(phone=NUMBER)
	call(**{"from": "+44 20 7946 0001", "to": "+44 7700 900999"})
	look()
	assert not sightings(marina.ringer)
