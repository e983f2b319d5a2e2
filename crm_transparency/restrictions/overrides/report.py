from crm_transparency.crm_transparency.patching import given
from crm_transparency.restrictions import closed_reports


class ReportReadByItsUser:
	"""Extends Report from v16 on: what is mailed in somebody's name holds no fields that are hidden from them."""

	def get_data(self, *args, **kwargs):
		with closed_reports.as_read_by(given(args, kwargs, 2, "user")):
			return super().get_data(*args, **kwargs)
