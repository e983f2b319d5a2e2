from frappe.model.document import Document


class OffboardingTemplate(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from crm_transparency.offboarding.doctype.offboarding_template_step.offboarding_template_step import (
			OffboardingTemplateStep,
		)

		department: DF.Link | None
		enabled: DF.Check
		in_country: DF.Link | None
		steps: DF.Table[OffboardingTemplateStep]
		title: DF.Data

	# end: auto-generated types
