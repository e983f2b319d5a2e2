"""Ringers look like the records around them."""

import base64
from zoneinfo import ZoneInfo

import frappe
import pytest
from frappe.contacts.doctype.address.address import get_address_display
from frappe.model import naming
from frappe.utils import get_datetime, get_system_timezone, now_datetime

from crm_transparency.ringers import drafts, fiction, fingerprints, identities, planting, retiring
from crm_transparency.ringers.drafts import Wish
from crm_transparency.ringers.exceptions import CannotPlant, RingersAreClosed
from crm_transparency.ringers.page.ringer_planting import ringer_planting
from crm_transparency.ringers.surroundings import Place
from tests.people_and_accounts import acting_as, make_customer, make_lead, make_user
from tests.ringers.company import PATTERNS, plant_one

#: so that a territory has enough people of its own to take after, on a site with others, too
OF_SOME_SIZE = pytest.mark.parametrize("company", [9], indirect=True, ids=["of some size"])
TRACES = {
	"Version": "docname",
	"Comment": "reference_name",
	"Communication": "reference_name",
	"Activity Log": "reference_name",
	"View Log": "reference_name",
	"Notification Log": "document_name",
	"ToDo": "reference_name",
	"Document Follow": "ref_docname",
	"Deleted Document": "deleted_name",
	"Tag Link": "document_name",
	"DocShare": "share_name",
	"Email Queue": "reference_name",
}


def assert_leaves_no_traces(records):
	for doctype, field in TRACES.items():
		names = [name for _doctype, name in records]
		assert not frappe.get_all(doctype, filters={field: ("in", names)}), doctype


@OF_SOME_SIZE
def test_a_planted_contact_is_a_contact_like_those_around_it(planted, company):
	contact = frappe.get_doc("Contact", planted.contact)
	[link] = contact.links
	assert link.link_doctype == "Customer" and link.link_name in {customer.name for customer in company}
	assert link.link_title
	assert contact.name == f"{contact.full_name}-{link.link_name}"
	assert contact.email_ids[0].email_id == contact.email_id == planted.email
	assert contact.phone_nos[0].phone == contact.mobile_no == planted.phone
	assert contact.designation == "Buyer"
	assert contact.is_primary_contact == 0
	around = frappe.get_all("Contact", fields=["owner", "creation"])
	assert contact.owner in {other.owner for other in around if other.creation != contact.creation}
	assert get_datetime(contact.creation) > get_datetime(
		frappe.db.get_value("Customer", link.link_name, "creation")
	)
	assert get_datetime(contact.creation) <= get_datetime(contact.modified) <= now_datetime()
	assert_leaves_no_traces(planted.records)


@pytest.mark.parametrize("without_a_picture", [None, ""])
def test_it_has_no_picture_in_the_way_of_those_around_it(patterns, company, without_a_picture):
	"""Null where contacts were imported past documents, empty where Frappe looked for a picture by the address."""
	values = {"image": without_a_picture}
	for contact in frappe.get_all("Contact", pluck="name"):
		frappe.db.set_value("Contact", contact, values, update_modified=False)
	planted = plant_one(place=Place(territory=company[0].territory))
	assert frappe.db.get_value("Contact", planted.contact, "image") == without_a_picture


@pytest.mark.parametrize("picture", ["https://pictures.example/a.png", None])
def test_a_picture_or_a_contact_without_an_address_is_no_model_for_having_none(patterns, company, picture):
	values = {"image": picture} if picture else {"image": None, "email_id": None}
	for contact in frappe.get_all("Contact", pluck="name"):
		frappe.db.set_value("Contact", contact, values, update_modified=False)
	planted = plant_one(place=Place(territory=company[0].territory))
	assert frappe.db.get_value("Contact", planted.contact, "image") == ""


def test_the_first_contact_of_a_site_is_as_if_it_had_been_saved(patterns, company):
	frappe.db.delete("Contact")
	planted = plant_one(place=Place(territory=company[0].territory))
	assert frappe.db.get_value("Contact", planted.contact, "image") == ""


def test_those_around_it_who_have_no_number_do_not_say_which_it_is(patterns, company):
	frappe.db.delete("Contact", {"email_id": ("not like", "buyer%")})
	for contact in frappe.get_all("Contact", pluck="name"):
		frappe.db.set_value("Contact", contact, {"phone": None, "mobile_no": None}, update_modified=False)
	told = frappe.get_all("Contact", filters={"email_id": ("is", "set")}, pluck="name", limit=1)
	frappe.db.set_value("Contact", told[0], "phone", "+44 20 7946 0999", update_modified=False)
	planted = plant_one()
	numbers = frappe.db.get_value("Contact", planted.contact, ["phone", "mobile_no"])
	assert numbers == (planted.phone, None)


@pytest.mark.parametrize("without_a_picture", [None, ""])
def test_a_planted_lead_has_no_picture_in_the_way_of_other_leads(patterns, company, without_a_picture):
	if not frappe.get_meta("Lead").has_field("image"):
		pytest.skip("Leads have no pictures here")
	for _number in range(6):
		make_lead()
	for number, lead in enumerate(frappe.get_all("Lead", pluck="name")):
		values = {"email_id": f"lead{number}@example.com", "lead_owner": None, "image": without_a_picture}
		frappe.db.set_value("Lead", lead, values, update_modified=False)
	planted = plant_one(planted_as="Lead")
	assert frappe.db.get_value("Lead", dict(planted.records)["Lead"], "image") == without_a_picture


def test_its_rows_do_not_tell_when_they_really_came_about(planted):
	"""Frappe v16 writes the moment into the names of rows: theirs tells the one that the contact tells."""
	contact = frappe.get_doc("Contact", planted.contact)
	now = naming.make_autoname("hash")
	for row in contact.get_all_children():
		assert (row.creation, row.owner) == (contact.creation, contact.owner)
		assert len(row.name) == len(now) and row.idx == 1
		if hasattr(naming, "get_trace_id"):
			moment = (
				get_datetime(contact.creation).replace(tzinfo=ZoneInfo(get_system_timezone())).timestamp()
			)
			encoded = base64.b32hexencode((int(moment * 10) % 32**4).to_bytes(5, "big")).decode()[-3:].lower()
			assert encoded in row.name[:4]


def test_no_two_are_made_at_the_same_moment_and_all_customers_are_used_before_one_again(patterns, company):
	territory = company[0].territory
	ringers = planting.plant(drafts.draft(Wish(3, place=Place(territory=territory))))
	contacts = [identities.contact_of(ringer).contact for ringer in ringers]
	assert len({frappe.db.get_value("Contact", name, "creation") for name in contacts}) == 3
	hosts = {identities.contact_of(ringer).placement["host"] for ringer in ringers}
	assert hosts == {customer.name for customer in company if customer.territory == territory}


def test_a_draft_is_in_nobodys_way(patterns, company):
	contacts = frappe.db.count("Contact")
	[ringer] = drafts.draft(Wish(1))
	draft = identities.contact_of(ringer)
	assert frappe.db.count("Contact") == contacts
	assert (draft.status, draft.records) == ("Planned", ())
	drafts.change(ringer, {"full_name": "Ada Harbour", "phone": None})
	planting.plant([ringer])
	contact = frappe.get_doc("Contact", identities.contact_of(ringer).contact)
	assert (contact.first_name, contact.last_name, contact.mobile_no) == ("Ada", "Harbour", "")


def test_a_discarded_draft_leaves_nothing(patterns, company):
	[ringer] = drafts.draft(Wish(1))
	drafts.discard(ringer)
	assert not frappe.db.exists("Ringer", ringer)
	assert not frappe.db.exists("Deleted Document", {"deleted_doctype": "Ringer"})


@OF_SOME_SIZE
def test_a_planted_customer_has_a_contact_an_address_and_no_owner(patterns, company):
	frappe.get_doc(
		doctype="Address",
		address_title="Quayside",
		address_type="Office",
		address_line1="1 Pier Road",
		city="Whitby",
		pincode="YO21 1AA",
		country="United Kingdom",
	).insert()
	ledger = frappe.db.count("Account Owner Change")
	planted = plant_one(planted_as="Customer", place=Place(territory=company[0].territory))
	kinds = {doctype: name for doctype, name in planted.records}
	assert set(kinds) == {"Contact", "Customer", "Address"}
	customer = frappe.get_doc("Customer", kinds["Customer"])
	assert customer.territory == company[0].territory
	assert customer.customer_group == company[0].customer_group
	assert not customer.account_manager
	assert customer.customer_primary_contact == planted.contact
	assert customer.customer_primary_address == kinds["Address"]
	address = frappe.get_doc("Address", kinds["Address"])
	assert (address.city, customer.primary_address) == ("Whitby", get_address_display(address.as_dict()))
	assert frappe.db.get_value("Contact", planted.contact, "creation") > customer.creation
	assert frappe.db.count("Account Owner Change") == ledger
	assert_leaves_no_traces(planted.records)


def test_a_planted_lead_has_the_next_number_and_is_the_newest(patterns, company):
	for _number in range(3):
		before = make_lead()
		before.db_set("lead_owner", None)
	planted = plant_one(planted_as="Lead")
	lead = frappe.get_doc("Lead", dict(planted.records)["Lead"])
	assert lead.name > before.name
	assert get_datetime(lead.creation) >= get_datetime(before.creation)
	assert lead.lead_name == planted.full_name and lead.email_id == planted.email
	assert not lead.lead_owner and lead.status == "Lead"
	assert make_lead().name > lead.name, "the series goes on"


def test_where_everybody_has_an_owner_a_customer_without_one_would_stand_out(patterns):
	frappe.db.set_value("Customer", {"name": ("is", "set")}, "account_manager", "Administrator")
	make_customer("Administrator")
	with pytest.raises(CannotPlant, match="stand out"):
		drafts.draft(Wish(1, planted_as="Customer"))


def test_for_an_account_owner_contacts_are_planted(patterns):
	ana = make_user("Ana")
	customer = make_customer(ana)
	with pytest.raises(CannotPlant, match="recorded"):
		drafts.draft(Wish(1, planted_as="Customer", place=Place(account_owner=ana)))
	assert plant_one(place=Place(account_owner=ana)).placement["host"] == customer.name


def test_without_patterns_it_is_said_what_is_missing(company):
	frappe.get_doc("Ringer Settings").update({"address_patterns": ""}).save()
	with pytest.raises(CannotPlant, match="Ringer Settings"):
		drafts.draft(Wish(1))


def test_newsletters_by_choice(patterns, company):
	assert not frappe.db.get_value("Contact", plant_one().contact, "unsubscribed")
	assert frappe.db.get_value("Contact", plant_one(in_newsletters=False).contact, "unsubscribed")


def test_on_a_list_it_is_a_member_like_the_others(patterns, company):
	group = frappe.get_doc(doctype="Email Group", title="Quayside News").insert()
	member = frappe.get_doc(
		doctype="Email Group Member", email_group=group.name, email="a@example.com"
	).insert()
	planted = plant_one(place=Place(lists=(group.name,)))
	[row] = frappe.get_all("Email Group Member", filters={"email": planted.email}, fields=["*"])
	assert (row.email_group, row.owner, row.unsubscribed) == (group.name, member.owner, 0)
	assert frappe.db.get_value("Email Group", group.name, "total_subscribers") == 2


def test_nothing_is_planted_or_shown_while_requests_are_recorded(patterns, company):
	ringers = drafts.draft(Wish(1))
	frappe.local._recorder = object()
	try:
		for act in (lambda: ringer_planting.plant(ringers), ringer_planting.overview):
			with pytest.raises(RingersAreClosed, match="Recorder"):
				act()
	finally:
		del frappe.local._recorder


def test_a_hundred_drafts_differ(patterns, company):
	found = [identities.contact_of(ringer) for ringer in drafts.draft(Wish(drafts.MOST_AT_ONCE))]
	assert (
		len({identity.email for identity in found}) == len({identity.full_name for identity in found}) == 100
	)


def test_retired_ringers_may_stay_and_go_on_ringing(planted):
	retiring.retire(planted.ringer, take_out=False)
	assert frappe.db.exists("Contact", planted.contact)
	assert identities.by_email(planted.email) == [planted.ringer]
	assert identities.active() == []


@pytest.mark.parametrize("kind", ["Contact", "Customer"])
def test_retired_ringers_can_be_taken_out_without_a_trace(patterns, company, kind):
	planted = plant_one(planted_as=kind)
	retiring.retire(planted.ringer, take_out=True)
	for doctype, name in planted.records:
		assert not frappe.db.exists(doctype, name)
	for doctype in ("Contact Email", "Contact Phone", "Dynamic Link"):
		assert not frappe.db.exists(doctype, {"parent": planted.contact})
	assert_leaves_no_traces(planted.records)
	assert identities.by_email(planted.email) == [planted.ringer]


def test_what_a_colleague_works_with_stays(patterns, company):
	planted = plant_one(planted_as="Customer")
	customer = dict(planted.records)["Customer"]
	frappe.get_doc(
		doctype="Contact", first_name="Real", links=[{"link_doctype": "Customer", "link_name": customer}]
	).insert()
	with pytest.raises(CannotPlant, match="used by others"):
		retiring.retire(planted.ringer, take_out=True)
	assert frappe.db.exists("Customer", customer) and frappe.db.exists("Contact", planted.contact)
	assert frappe.db.get_value("Ringer", planted.ringer, "status") == "Planted"


def test_uninstalling_takes_inventions_out_and_leaves_real_people(patterns, company):
	planted = plant_one()
	used = plant_one(planted_as="Customer")
	customer = dict(used.records)["Customer"]
	frappe.get_doc(
		doctype="Contact", first_name="Real", links=[{"link_doctype": "Customer", "link_name": customer}]
	).insert()
	friend = frappe.get_doc(
		doctype="Contact", first_name="Rose", email_ids=[{"email_id": "rose@example.com"}]
	).insert()
	frappe.get_doc(doctype="Ringer", status="Planted", contact=friend.name, watched_by="Rose").insert()
	assert retiring.take_out_all() == 1
	assert not frappe.db.exists("Contact", planted.contact)
	assert frappe.db.exists("Customer", customer) and frappe.db.exists("Contact", used.contact)
	assert frappe.db.exists("Contact", friend.name)


def test_a_site_that_lost_its_encryption_key_can_be_left(patterns, company, monkeypatch, capsys):
	"""Restored without its `encryption_key`: nobody can tell any more which contacts are ringers."""
	from cryptography.fernet import Fernet

	from crm_transparency import uninstall

	planted = plant_one()
	monkeypatch.setitem(frappe.local.conf, "encryption_key", Fernet.generate_key().decode())
	uninstall.before_uninstall()
	assert "encryption key" in capsys.readouterr().out
	assert frappe.db.exists("Contact", planted.contact)
	frappe.get_doc("Ringer Settings").delete()


def test_a_real_person_who_watches_is_a_ringer_too(patterns):
	friend = frappe.get_doc(
		doctype="Contact",
		first_name="Rose",
		last_name="Harbour",
		email_ids=[{"email_id": "rose@example.com", "is_primary": 1}],
		phone_nos=[{"phone": "+44 20 7946 0555", "is_primary_mobile_no": 1}],
	).insert()
	ringer = frappe.get_doc(
		doctype="Ringer", status="Planted", contact=friend.name, watched_by="Rose"
	).insert()
	assert identities.by_email("rose@example.com") == identities.by_phone("+442079460555") == [ringer.name]
	assert identities.contact_of(ringer.name).full_name == "Rose Harbour"
	assert ringer.watched_by == "Rose"


# Fiction


@pytest.mark.parametrize(
	("country", "language", "locale"),
	[
		("Germany", "de", "de_DE"),
		("Switzerland", "fr", "fr_CH"),
		("United Kingdom", "en", "en_GB"),
		("Austria", "en", "de_AT"),
		("Brazil", "pt-BR", "pt_BR"),
		("Vanuatu", "en", "en_AU"),
		("Kiribati", "xx", "en_US"),
	],
)
def test_people_are_of_the_sites_language_and_country(country, language, locale):
	frappe.db.set_single_value("System Settings", "country", country)
	frappe.db.set_single_value("System Settings", "language", language)
	try:
		assert fiction.locale_of_site() == locale
	finally:
		frappe.db.value_cache.clear()


def test_nobody_is_called_like_somebody_real(monkeypatch):
	frappe.get_doc(doctype="Contact", first_name="Ada", last_name="Byron").insert()
	faker = fiction.inventor("en_GB")
	names = iter(["Ada", "Eve", "Eve", "Eve"])
	monkeypatch.setattr(faker, "first_name_female", lambda: next(names), raising=False)
	monkeypatch.setattr(faker, "first_name_male", lambda: next(names), raising=False)
	monkeypatch.setattr(faker, "last_name", lambda: "Byron", raising=False)
	assert fiction.invent_person(faker, set()).full_name == "Eve Byron"


def is_fictional_number(number: str, region: str | None) -> bool:
	for found in fiction.RANGES.get(region or "", ()):
		ending = number.removeprefix(found.prefix)
		if ending != number and len(ending) == found.digits and ending.isdigit():
			if found.first <= int(ending) < found.first + found.count:
				return True
	return False


@pytest.mark.parametrize("region", sorted(fiction.RANGES))
def test_numbers_are_kept_for_fiction(region):
	for is_mobile in (True, False):
		for _attempt in range(50):
			number = fiction.fictional_number(region, is_mobile)
			if number is None:
				continue
			assert is_fictional_number(number, region)
			for example in (None, "+44 20 7946 0001", "020 7946 0001", "0207-946", "02079460001"):
				written = fiction.number_written_like(number, example)
				assert fingerprints.phonenumbers.parse(written, region) == fingerprints.phonenumbers.parse(
					number
				)


def test_real_numbers_are_not_fiction_and_some_countries_keep_none():
	assert not is_fictional_number("+442079250918", "GB")
	assert fiction.fictional_number("IN", is_mobile=True) is None
	assert fiction.fictional_number(None, is_mobile=True) is None


def test_own_numbers_are_used_first_and_once(patterns, company):
	settings = frappe.get_doc("Ringer Settings")
	settings.phone_numbers = "+44 20 7946 0990"
	settings.save()
	first, second = (identities.contact_of(ringer).phone for ringer in drafts.draft(Wish(2)))
	assert first == "+44 20 7946 0990" != second


def test_addresses_follow_the_patterns_and_nobody_else_has_them(patterns):
	taken = fiction.address_for(["{first}.{last}@x.example"], "Zoë", "Müller", ())
	assert taken == "zoe.mueller@x.example"
	frappe.get_doc(doctype="Contact", first_name="Z", email_ids=[{"email_id": taken}]).insert()
	assert fiction.address_for(["{first}.{last}@x.example"], "Zoë", "Müller", ()) != taken


@pytest.mark.parametrize("pattern", ["no address", "office@x.example", "{first}@", "{wrong}@x.example"])
def test_useless_patterns_are_refused(pattern):
	settings = frappe.get_doc("Ringer Settings")
	settings.address_patterns = pattern
	with pytest.raises(CannotPlant):
		settings.save()


def test_settings_are_cipher_in_the_database(patterns):
	stored = frappe.db.get_singles_dict("Ringer Settings").values()
	assert any(str(value).startswith("sealed:") for value in stored)
	assert not any(PATTERNS[0].split("@")[1] in str(value) for value in stored)
	assert frappe.get_doc("Ringer Settings").address_patterns == "\n".join(PATTERNS)
	with acting_as(make_user("Eve", "System Manager")):
		assert PATTERNS[0] not in (frappe.get_doc("Ringer Settings").address_patterns or "")


def test_it_is_said_what_about_the_patterns_gives_ringers_away(patterns):
	frappe.get_doc(
		doctype="User", email="eve@quiet-harbour.example", first_name="Eve", send_welcome_email=0
	).insert()
	assert any("quiet-harbour.example" in warning for warning in fiction.warnings_about(list(PATTERNS)))
	assert any("one domain" in warning for warning in fiction.warnings_about(["{first}@x.example"]))
