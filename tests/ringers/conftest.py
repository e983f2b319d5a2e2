import pytest

# Frappe can be imported once the ground is prepared, which is after this file is

OF_OTHERS = ("Ringer", "Ringer Notice", "Ringer Inbound Message", "Ringer Case")


@pytest.fixture(autouse=True)
def as_on_a_new_site(nothing_is_committed):
	"""A bench's site may have ringers, news of them and Ringer Managers already; they come back with the rollback."""
	import frappe

	for doctype in OF_OTHERS:
		if frappe.db.count(doctype):
			frappe.db.delete(doctype)
	role = {"role": "Ringer Manager", "parenttype": "User", "parent": ("!=", "Administrator")}
	if managers := frappe.get_all("Has Role", filters=role, pluck="parent"):
		frappe.db.set_value("User", {"name": ("in", managers)}, "enabled", 0, update_modified=False)


@pytest.fixture
def patterns():
	"""The company's address patterns."""
	from tests.ringers import company

	company.set_patterns()
	return company.PATTERNS


@pytest.fixture
def company(request):
	"""Customers of two territories with their people, made by two colleagues on different days; returns the customers."""
	from tests.ringers.company import make_company

	return make_company(count=getattr(request, "param", 6))


@pytest.fixture
def manager():
	"""A Ringer Manager."""
	from tests.people_and_accounts import make_user

	return make_user("Rina", "Sales User", "Ringer Manager")


@pytest.fixture
def planted(patterns, company):
	"""A contact planted at one of the company's customers, decrypted."""
	from crm_transparency.ringers.surroundings import Place
	from tests.ringers.company import plant_one

	return plant_one(place=Place(territory=company[0].territory))


@pytest.fixture
def evidence_goes(monkeypatch, tmp_path):
	"""What comes in is kept in a folder of the test."""
	from crm_transparency.ringers import evidence_files

	monkeypatch.setattr(evidence_files, "path_of", lambda stored_as: tmp_path / stored_as)
	return tmp_path
