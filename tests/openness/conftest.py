import pytest


@pytest.fixture(autouse=True)
def what_is_remembered_goes_too(request):
	"""A test's rollback takes permissions back, but not what processes remember of them."""
	if request.node.get_closest_marker("http") or request.node.get_closest_marker("browser"):
		yield
		return
	import frappe

	yield
	frappe.db.rollback()
	for key in ("roles", "user_permissions"):
		frappe.cache.delete_value(key)
	frappe.local.role_permissions = {}
