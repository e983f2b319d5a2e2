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


@pytest.fixture
def german_formats(monkeypatch):
	"""A site in Berlin that writes dates and numbers as Germany does."""
	formats = {"date_format": "dd.mm.yyyy", "time_format": "HH:mm", "number_format": "#.###,##"}
	get_default = frappe.db.get_default
	monkeypatch.setattr(
		frappe.db, "get_default", lambda key, *more: formats.get(key) or get_default(key, *more)
	)
	monkeypatch.setattr(formatting, "get_system_timezone", lambda: "Europe/Berlin")
	for kept in ("date_format", "time_format"):
		monkeypatch.setattr(frappe.local, f"user_{kept}", formats[kept], raising=False)


def test_dates_and_numbers_are_the_sites(german_formats):
	assert formatting.day("2026-12-15") == "15.12.2026"
	assert formatting.moment("2026-12-15 18:00:00") == "15.12.2026 18:00 (Europe/Berlin)"
	assert [formatting.number(value) for value in (1, 400, 400.0, 1650, 2.5, None)] == (
		["1", "400", "400", "1.650", "2,5", "0"]
	)
	assert formatting.day(None) == formatting.moment(None) == ""


def test_counts_are_words_of_their_number(german_formats):
	told = [formatting.count(count, "1 account", "{0} accounts") for count in (0, 1, 2, 1650)]
	assert told == ["0 accounts", "1 account", "2 accounts", "1.650 accounts"]


def test_a_reader_sees_moments_in_the_time_zone_that_their_forms_show(german_formats, ada):
	frappe.db.set_value("User", ada, "time_zone", "Asia/Tokyo")
	assert formatting.moment("2026-12-15 18:00:00", ada) == "16.12.2026 02:00"


def test_the_offset_of_a_moment_is_that_of_the_season(german_formats):
	offsets = [formatting.utc_offset(f"2026-{month:02}-15 18:00:00") for month in (7, 12)]
	assert offsets == ["+02:00", "+01:00"]
