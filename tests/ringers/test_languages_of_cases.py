"""What a case says, it says in its reader's language, whoever's job found it out."""

import frappe
import pytest

from crm_transparency.ringers import cases
from crm_transparency.ringers.documents import CASE
from tests.people_and_accounts import acting_as, make_user
from tests.ringers.watched import cases_of, export_of, index_exports, look, mail, plant, receive

pytestmark = pytest.mark.usefixtures("evidence_goes")

GERMAN = {
	"The sightings are consistent with one recorded export: {0}.": "Dazu passt ein Export: {0}.",
	"A ringer was contacted by {0}: {1}": "Ein Lockvogel wurde angeschrieben von {0}: {1}",
	"Status changed from {0} to {1}": "Status war {0}, ist {1}",
	"It contained email addresses or phone numbers": "Er enthielt Adressen",
	"{0} left on {1}, or is about to": "{0} ging am {1}",
}


@pytest.fixture
def case():
	ada, marina = make_user("Ada"), plant()
	frappe.db.set_value("User", ada, "enabled", 0)
	export_of(ada, marina.contact)
	index_exports()
	receive(mail(marina.email))
	look()
	(found,) = cases_of(marina.ringer)
	found = frappe.get_doc(CASE, found.name)
	found.status = "In Review"
	found.save()
	cases.add_note(found.name, "It was {0} again")
	return found.name


@pytest.fixture
def in_german(monkeypatch):
	for source, translated in GERMAN.items():
		frappe.get_doc(
			doctype="Translation", language="de", source_text=source, translated_text=translated
		).insert(ignore_permissions=True)
	yield lambda: monkeypatch.setattr(frappe.local, "lang", "de")
	frappe.local.lang = "en"


def opened(case):
	document = frappe.get_doc(CASE, case)
	document.run_method("onload")
	return document.get_onload()


def sentences_of(ranking):
	rows = ranking["explanations"]
	return [
		ranking["summary"],
		*(reason["text"] for row in rows for reason in row["reasons"] + row["against"]),
	]


def test_each_reader_reads_it_in_their_language(case, in_german):
	assert "consistent with one" in opened(case)["ranking"]["summary"]
	in_german()
	shown = opened(case)
	assert "Dazu passt ein Export: " in shown["ranking"]["summary"]
	said = " | ".join(sentences_of(shown["ranking"]))
	assert "Er enthielt" in said and " ging am " in said
	texts = [event["text"] for event in shown["timeline"]]
	assert any("Lockvogel" in text for text in texts)
	assert any("Dazu passt ein Export: " in text for text in texts)
	assert any(text.startswith("Status war ") for text in texts)
	assert "It was {0} again" in texts


def test_comparing_again_adds_nothing_to_the_timeline_unless_it_found_something_else(case, in_german):
	before = len(opened(case)["timeline"])
	in_german()
	cases.compare(case)
	assert len(opened(case)["timeline"]) == before


def test_others_are_told_nothing(case):
	document = frappe.get_doc(CASE, case)
	with acting_as(make_user("Eve", "System Manager")):
		document.run_method("onload")
	assert not document.get_onload()
