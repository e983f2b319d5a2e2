import frappe

from crm_transparency.ringers import fiction
from crm_transparency.ringers.secrecy import EncryptedDocument, decrypted


class RingerSettings(EncryptedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		address_patterns: DF.SmallText | None
		mail_news: DF.Literal["When something happened", "Within the hour", "Always", "Never"]
		phone_numbers: DF.SmallText | None

	# end: auto-generated types

	encrypted_fields = ("address_patterns", "phone_numbers")

	def validate(self):
		for pattern in fiction.lines(decrypted(self, "address_patterns")):
			fiction.refuse_useless(pattern)


SETTINGS = "Ringer Settings"
WHEN_SOMETHING_HAPPENED, WITHIN_THE_HOUR = "When something happened", "Within the hour"
ALWAYS, NEVER = "Always", "Never"


def address_patterns() -> list[str]:
	return fiction.lines(_decrypted("address_patterns"))


def phone_numbers() -> list[str]:
	return fiction.lines(_decrypted("phone_numbers"))


def mails_news() -> str:
	"""Return when Ringer Managers are told what happened to ringers, one of the four above."""
	return frappe.get_doc(SETTINGS).mail_news or WHEN_SOMETHING_HAPPENED


def _decrypted(field: str) -> str | None:
	return decrypted(frappe.get_doc(SETTINGS), field)
