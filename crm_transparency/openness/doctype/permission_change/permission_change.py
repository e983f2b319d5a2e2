from frappe.model.document import Document


class PermissionChange(Document):
	"""One change of permissions. Inserted by `permission_changes`."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		action: DF.Literal["Added", "Changed", "Removed", "Reset"]
		changed_by: DF.Data
		changed_on: DF.Datetime
		document_type: DF.Data
		impersonated_by: DF.Data | None
		role: DF.Data | None
		source: DF.Data | None
		user: DF.Data | None

	# end: auto-generated types
