import pytest


@pytest.fixture(autouse=True)
def clear_caches_afterwards(request):
	"""A test's rollback takes permissions back, but not what is cached of them."""
	if request.node.get_closest_marker("http") or request.node.get_closest_marker("browser"):
		yield
		return
	import frappe

	yield
	frappe.db.rollback()
	for key in ("roles", "user_permissions"):
		frappe.cache.delete_value(key)
	frappe.local.role_permissions = {}


@pytest.fixture
def no_other_rules(connected_site):
	"""No User Permission or restriction but a test's own; restrictions apply outside of requests, too."""
	import frappe

	from crm_transparency import frappe_patches

	frappe_patches.install()
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
