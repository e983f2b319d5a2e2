"""Columns of reports, as Frappe wants them described."""


def column(fieldname: str, label: str, width: int, fieldtype: str = "Data") -> dict:
	"""Describe a column that is `width` pixels wide. Text is aligned left: the table would guess from its first value."""
	described = {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width}
	return {**described, "align": "left"} if fieldtype == "Data" else described
