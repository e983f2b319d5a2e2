import pytest

SELLER = ("Sales User", "Sales Manager", "Sales Master Manager")


@pytest.fixture(autouse=True)
def frappe_is_patched(connected_site):
	"""Outside of requests and jobs nobody installs the patches."""
	from crm_transparency import frappe_patches

	frappe_patches.install()


@pytest.fixture
def ana():
	"""A seller whom nothing restricts, unless a test says so."""
	from tests.people_and_accounts import make_user

	return make_user("Ana", *SELLER)


@pytest.fixture
def ben():
	from tests.people_and_accounts import make_user

	return make_user("Ben", *SELLER)


@pytest.fixture
def olga():
	"""A head of sales, who owns decisions."""
	from tests.people_and_accounts import make_user

	return make_user("Olga", *SELLER)


@pytest.fixture
def drafter():
	"""Who writes restrictions down, and doesn't decide about them."""
	from tests.people_and_accounts import make_user

	return make_user("Dora", "Transparency Manager")


@pytest.fixture
def secret(ana, olga):
	"""A customer that is hidden from Ana."""
	from tests.people_and_accounts import make_customer
	from tests.restrictions.registering import hide_customers

	customer = make_customer(title="Secret Mill")
	hide_customers([customer.name], olga, user=ana)
	return customer


@pytest.fixture
def today(monkeypatch):
	"""Set the day on which everything happens."""
	from crm_transparency.restrictions import decisions, register, review_dates

	def is_(day):
		for module in (review_dates, register, decisions):
			monkeypatch.setattr(module, "nowdate", lambda: str(day))
		register.forget()

	return is_
