from crm_transparency.restrictions import closed_reports


class ReportReadByItsUser:
	"""Extends Report from v16 on: what is mailed in somebody's name holds no fields that are hidden from them."""

	def get_data(self, filters=None, limit=None, user=None, *args, **kwargs):
		with closed_reports.as_read_by(user):
			return super().get_data(filters, limit, user, *args, **kwargs)
