"""What people are told is in their language, not in that of whoever's request or job tells them."""

import frappe
import pytest

from crm_transparency.crm_transparency import formatting, mail
from tests.people_and_accounts import make_user

GERMAN = {"Open Document": "Dokument ansehen"}


@pytest.fixture
def ada():
	return make_user("Ada")


@pytest.fixture(autouse=True)
def in_german():
	for source, translated in GERMAN.items():
		frappe.get_doc(
			doctype="Translation", language="de", source_text=source, translated_text=translated
		).insert(ignore_permissions=True)


@pytest.fixture
def rendered(monkeypatch):
	"""The text of each mail, as Frappe makes it of its template."""
	texts = []

	def render(template, args, **mail):
		texts.append(frappe.get_template(f"templates/emails/{template}.html").render(args))

	monkeypatch.setattr(frappe, "sendmail", render)
	return texts


def speak(user, language):
	frappe.db.set_value("User", user, "language", language)


def tell(user):
	assert mail.send_to_user(user, "News", ["News", "blue"], "https://site.example")


def test_a_mail_is_in_its_readers_language_around_what_it_says(ada, rendered):
	speak(ada, "de")
	tell(ada)
	assert "Dokument ansehen" in rendered[0]
	assert frappe.local.lang == "en"


def test_whoever_chose_none_reads_the_sites_language_whatever_the_job_speaks(ada, rendered):
	speak(ada, None)
	with formatting.speaking("de"):
		tell(ada)
	assert "Open Document" in rendered[0]
	before = formatting.site_language()
	frappe.db.set_single_value("System Settings", "language", "de")
	assert formatting.language_of(ada) == "de"
	frappe.db.set_single_value("System Settings", "language", before)  # Frappe keeps it past a rollback


def test_what_goes_wrong_leaves_the_jobs_language_as_it_was(ada, monkeypatch):
	spoken = []

	def fail(**mail):
		spoken.append(frappe.local.lang)
		raise RuntimeError

	speak(ada, "de")
	monkeypatch.setattr(frappe, "sendmail", fail)
	assert not mail.send_to_user(ada, "News", ["News", "blue"], "https://site.example")
	assert spoken == ["de"]
	with pytest.raises(RuntimeError), formatting.speaking("de"):
		raise RuntimeError
	assert frappe.local.lang == "en"


def test_templates_know_the_language_and_forget_it_again():
	with formatting.speaking("de"):
		assert frappe.render_template("{{ frappe.lang }}", {}) == "de"
	assert frappe.render_template("{{ frappe.lang }}", {}) == "en"
