"""A neighbour watches a ringer's letter box and telephone, and reports on a page that only their link opens."""

import io
import json

import frappe
import pytest

from crm_transparency.ringers import evidence_files, report_form
from crm_transparency.ringers.documents import INBOUND_MESSAGE, LINK
from crm_transparency.ringers.secrecy import decrypted
from tests.people_and_accounts import acting_as, make_user
from tests.ringers import endpoints
from tests.ringers.watched import look, make_reader, plant, sightings

pytestmark = pytest.mark.usefixtures("evidence_goes")

PHOTO = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
SCRIPT = b"<svg onload=alert(1)></svg>"


@pytest.fixture
def marina():
	return plant()


@pytest.fixture
def secret(marina) -> str:
	with acting_as(make_reader()):
		return report_form.make_link(marina.ringer).partition("#")[2]


def test_a_report_is_a_sighting(secret, marina):
	endpoints.report(
		secret=secret,
		channel="Phone",
		who="Mr Rook of Rival Books",
		address="+44 20 7946 0001",
		text="Offered us books",
	)
	look()
	(sighting,) = sightings(marina.ringer)
	assert (sighting.came_by, sighting.channel) == ("Personal Link", "Phone")
	assert (sighting.sender, sighting.sender_name) == ("+442079460001", "Mr Rook of Rival Books")
	assert frappe.db.get_value(LINK, {"ringer": marina.ringer}, "last_used_on")


def test_a_photo_is_kept_and_a_script_is_not(secret, marina):
	endpoints.report(
		secret=secret,
		channel="Post",
		who="Rival Books",
		file0=(io.BytesIO(PHOTO), "../../letter.php"),
		file1=(io.BytesIO(SCRIPT), "photo.png"),
	)
	look()
	(sighting,) = sightings(marina.ringer)
	(evidence,) = json.loads(sighting.evidence)
	assert (evidence["kind"], evidence["name"], evidence["content_type"]) == (
		"Photo",
		"letter.png",
		"image/png",
	)
	assert evidence_files.read(evidence) == PHOTO
	assert not frappe.db.exists("File", {"file_name": ("like", "%letter%")})
	assert "1" in sighting.content


def test_files_that_are_too_large_or_too_many_stay_out(secret, monkeypatch):
	monkeypatch.setattr(report_form, "MOST_BYTES", 150)
	endpoints.report(
		secret=secret,
		who="x",
		big=(io.BytesIO(PHOTO + b"\0" * 100), "big.png"),
		**{f"file{number}": (io.BytesIO(PHOTO), f"{number}.png") for number in range(5)},
	)
	(content,) = frappe.get_all(INBOUND_MESSAGE, pluck="name")
	assert len(json.loads(decrypted(frappe.get_doc(INBOUND_MESSAGE, content), "content"))["evidence"]) == 3


@pytest.mark.parametrize("wrong", ["", "guessed", "x" * 5000, "\0", "é" * 40])
def test_a_wrong_secret_leaves_nothing(secret, evidence_goes, wrong):
	endpoints.report(secret=wrong, who="x", file0=(io.BytesIO(PHOTO), "a.png"))
	assert not frappe.db.count(INBOUND_MESSAGE)
	frappe.db.after_commit.run()
	assert not list(evidence_goes.iterdir())


def test_a_link_can_be_renewed_and_revoked(secret, marina):
	with acting_as(make_reader("Ron")):
		renewed = report_form.make_link(marina.ringer).partition("#")[2]
		endpoints.report(secret=secret, who="x")
		assert not frappe.db.count(INBOUND_MESSAGE)
		endpoints.report(secret=renewed, who="x")
		assert frappe.db.count(INBOUND_MESSAGE) == 1
		report_form.revoke_links(marina.ringer)
		endpoints.report(secret=renewed, who="x")
		assert frappe.db.count(INBOUND_MESSAGE) == 1


def test_the_database_keeps_no_secret(secret):
	assert secret not in frappe.as_json(frappe.get_all(LINK, fields=["*"]))


def test_only_ringer_managers_make_links(marina):
	with acting_as(make_user("Sam", "System Manager")):
		for act in (report_form.make_link, report_form.revoke_links):
			with pytest.raises(frappe.PermissionError):
				act(marina.ringer)


def test_markup_in_a_report_is_text(secret, marina):
	endpoints.report(
		secret=secret, who="<script>alert(1)</script>Rook", text="<img src=x onerror=alert(1)>Hello"
	)
	look()
	(sighting,) = sightings(marina.ringer)
	assert "<" not in sighting.sender_name + sighting.content
	assert "Hello" in sighting.content


@pytest.mark.parametrize("when", ["2999-01-01T00:00", "yesterday", "0001-01-01", "9" * 50, "\0"])
def test_a_moment_that_makes_no_sense_is_now(secret, marina, when):
	endpoints.report(secret=secret, who="x", seen_on=when)
	look()
	(sighting,) = sightings(marina.ringer)
	assert abs(frappe.utils.time_diff_in_seconds(frappe.utils.now(), sighting.seen_on)) < 120
