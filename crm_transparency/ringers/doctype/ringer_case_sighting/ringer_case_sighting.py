from frappe.model.document import Document


class RingerCaseSighting(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		channel: DF.Data | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		ringer: DF.Data | None
		seen_on: DF.Datetime | None
		sighting: DF.Data

	# end: auto-generated types
