import pytest

from tests.offboarding.conftest import ana, ben, employee, hanna, mona, offboarding

__all__ = ["ana", "ben", "employee", "hanna", "mona", "offboarding"]


@pytest.fixture
def mail_account():
	"""An account that mails can be queued for; nothing is sent from tests."""
	return add_mail_account()


def add_mail_account() -> str | None:
	"""Add an account for outgoing mails, unless there is one; return its name."""
	import frappe

	if frappe.db.exists("Email Account", {"default_outgoing": 1}):
		return None
	account = frappe.new_doc("Email Account")
	account.update(
		{
			"email_account_name": "Ours",
			"email_id": "crm@ours.example",
			"enable_outgoing": 1,
			"default_outgoing": 1,
			"smtp_server": "localhost",
			"password": "secret",
		}
	)
	account.name = "Ours"
	account.db_insert()
	return account.name
