from typing import NamedTuple

DOMAIN = "harbourpress.example"
PASSWORD = "transparency"


class Login(NamedTuple):
	"""Who may log in to the demo: what the person is there, the user to type, and the password."""

	role: str
	user: str
	password: str


LOGINS = [
	Login("rep", f"nora.whitfield@{DOMAIN}", PASSWORD),
	Login("manager", f"graham.tolley@{DOMAIN}", PASSWORD),
	Login("hr", f"beatrice.odell@{DOMAIN}", PASSWORD),
	Login("administrator", "Administrator", PASSWORD),
]
