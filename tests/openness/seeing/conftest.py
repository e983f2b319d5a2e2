import pytest


@pytest.fixture(autouse=True)
def standing_in_frappes_functions(connected_site):
	"""Outside of requests and jobs nobody has the places taken."""
	from crm_transparency import frappe_patches
	from crm_transparency.restrictions import places

	frappe_patches.install()
	places.take()


@pytest.fixture(autouse=True)
def no_other_rules(connected_site):
	import frappe

	frappe.db.delete("User Permission")
	frappe.db.delete("Access Restriction")
	frappe.cache.delete_value("user_permissions")


@pytest.fixture
def ana():
	from tests.people_and_accounts import make_user

	return make_user("Ana")


@pytest.fixture
def ben():
	from tests.people_and_accounts import make_user

	return make_user("Ben")


@pytest.fixture
def olga():
	"""A head of sales, who owns decisions."""
	from tests.people_and_accounts import make_user

	return make_user("Olga", "Sales User", "Sales Manager")


@pytest.fixture
def mara():
	from tests.people_and_accounts import make_user

	return make_user("Mara", "Sales User", "Transparency Manager")
