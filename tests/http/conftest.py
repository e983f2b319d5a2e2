import secrets

import pytest

from tests.http.client import Client

RINGERS_ADDRESSES = "{first}.{last}@letters-by-hand.example\nstudio+{code}@quiet-harbour.example"


@pytest.fixture(scope="session")
def rep(server, ground):
	return Client(server, ground.logins["rep"])


@pytest.fixture(scope="session")
def manager(server, ground):
	return Client(server, ground.logins["manager"])


@pytest.fixture(scope="session")
def hr(server, ground):
	return Client(server, ground.logins["hr"])


@pytest.fixture(scope="session")
def administrator(server, ground):
	return Client(server, ground.logins["administrator"])


@pytest.fixture
def coach(administrator, manager):
	"""The manager as a Transparency Manager, which nobody is by default."""
	user = administrator.read("User", manager.user)
	if "Transparency Manager" not in {row["role"] for row in user["roles"]}:
		administrator.update("User", manager.user, roles=[*user["roles"], {"role": "Transparency Manager"}])
	return manager


@pytest.fixture(scope="session")
def ringer_manager(administrator, manager):
	"""The manager as a Ringer Manager, with addresses for ringers."""
	user = administrator.read("User", manager.user)
	if "Ringer Manager" not in {row["role"] for row in user["roles"]}:
		administrator.update("User", manager.user, roles=[*user["roles"], {"role": "Ringer Manager"}])
	manager.update("Ringer Settings", "Ringer Settings", address_patterns=RINGERS_ADDRESSES)
	return manager


@pytest.fixture
def managers_customer(manager):
	"""A customer that the manager has."""
	return make_customer(manager)


def make_customer(client: Client, name: str = "Quayside Cinema") -> str:
	"""Create a customer that the client's user has, and return its name."""
	return client.create(
		"Customer",
		customer_name=f"{name} {secrets.token_hex(4)}",
		customer_type="Company",
		customer_group=first_leaf(client, "Customer Group"),
		territory=first_leaf(client, "Territory"),
		account_manager=client.user,
	)["name"]


def first_leaf(client: Client, doctype: str) -> str:
	return client.get_list(doctype, filters={"is_group": 0}, limit_page_length=1)[0]["name"]
