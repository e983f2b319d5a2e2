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
		**values,
	)["name"]
