from frappe.model.document import Document


class OpennessSnapshot(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from crm_transparency.openness.doctype.openness_snapshot_figure.openness_snapshot_figure import (
			OpennessSnapshotFigure,
		)

		by_person: DF.LongText | None
		counted_by: DF.Link | None
		counted_on: DF.Datetime | None
		day: DF.Date
		figures: DF.Table[OpennessSnapshotFigure]
		openness: DF.Percent
		org_chart_rules: DF.Int
		people: DF.Int
		rules: DF.Int
		superfluous_rules: DF.Int

	# end: auto-generated types

	pass
