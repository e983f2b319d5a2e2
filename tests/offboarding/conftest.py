import pytest


@pytest.fixture
def hanna():
	from tests.offboarding.people import make_hr

	return make_hr()


@pytest.fixture
def mona():
	from tests.people_and_accounts import make_user

	return make_user("Mona", "Sales User", "Sales Manager")


@pytest.fixture
def ana():
	from tests.people_and_accounts import make_user

	return make_user("Ana", "Sales User", "Sales Manager", "Sales Master Manager")


@pytest.fixture
def ben():
	from tests.people_and_accounts import make_user

	return make_user("Ben", "Sales User", "Sales Manager", "Sales Master Manager")


@pytest.fixture
def employee(ana, mona):
	"""Ana's employee record; she reports to Mona."""
	from tests.offboarding.people import make_employee

	return make_employee(
		ana, reports_to=make_employee(mona, "Mona").name, personal_email="ana.lima@gmail.com"
	)


@pytest.fixture
def offboarding(employee):
	"""Ana resigned ten days ago and stays for twenty more."""
	from tests.offboarding.people import in_days, offboarding_of

	employee.resignation_letter_date, employee.relieving_date = in_days(-10), in_days(20)
	employee.save()
	return offboarding_of(employee)


@pytest.fixture(autouse=True)
def mail_account(connected_site):
	"""The name of an account for outgoing mails that is made for the test; None if the site has one."""
	from tests.offboarding.people import add_mail_account

	return add_mail_account()
