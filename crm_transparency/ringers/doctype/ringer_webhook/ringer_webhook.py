from frappe.utils import now_datetime

from crm_transparency.crm_transparency import encryption
from crm_transparency.ringers.secrecy import EncryptedDocument


class RingerWebhook(EncryptedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		deliveries_a_minute: DF.Int
		mailgun_signing_key: DF.SmallText | None
		reports_an_hour: DF.Int
		secret: DF.SmallText | None
		secret_made_on: DF.Datetime | None
		sns_topic: DF.SmallText | None

	# end: auto-generated types

	encrypted_fields = ("secret", "mailgun_signing_key", "sns_topic")

	def renew_secret(self) -> str:
		"""Replace the shared secret and return the new one."""
		self.secret = encryption.new_secret()
		self.secret_made_on = now_datetime()
		self.save(ignore_permissions=True)
		return self.secret
