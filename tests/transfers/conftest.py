import pytest

SELLER = ("Sales User", "Sales Manager", "Sales Master Manager")


def make_seller(first_name: str, *more_roles: str) -> str:
	# imported late: this file is read before the ground makes `import frappe` work
	from tests.people_and_accounts import make_user

	return make_user(first_name, *SELLER, *more_roles)


@pytest.fixture
def ana():
	return make_seller("Ana")


@pytest.fixture
def ben():
	return make_seller("Ben")


@pytest.fixture
def cleo():
	return make_seller("Cleo")


@pytest.fixture
def mona():
	"""A manager who may coach."""
	return make_seller("Mona", "Transparency Manager")
