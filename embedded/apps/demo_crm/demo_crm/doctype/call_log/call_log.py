from frappe.model.document import Document


class CallLog(Document):
	pass
