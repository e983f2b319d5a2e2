"""Employees, made over HTTP with what ERPNext asks for."""

from tests.http.client import Client


def make_employee(client: Client, company: str, first_name: str, **values) -> str:
	return client.create(
		"Employee",
		first_name=first_name,
		gender="Female",
		date_of_birth="1990-04-12",
		date_of_joining="2020-01-02",
		company=company,
		# which HR Managers of version 16 may not give
		create_user_permission=0,
		**values,
	)["name"]


def employee_of(client: Client, company: str, user: str, first_name: str, **values) -> str:
	"""Return the user's employee record, made if there is none."""
	known = client.get_list("Employee", filters={"user_id": user})
	return known[0]["name"] if known else make_employee(client, company, first_name, user_id=user, **values)
