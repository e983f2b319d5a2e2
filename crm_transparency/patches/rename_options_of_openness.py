import frappe

RENAMED = (
	("Openness Change", "kind", "User Permissions opened", "User Permissions lifted"),
	(
		"Openness Change",
		"kind",
		"User Permissions to become restrictions",
		"User Permissions replaced by restrictions",
	),
	("Openness Change", "status", "Waiting", "Pending"),
	("Openness Change", "status", "Dropped", "Canceled"),
	("Openness Finding", "status", "Solved", "Resolved"),
	("Openness Finding", "status", "Left as it is", "Accepted"),
)


def execute() -> None:
	"""Changes and findings get the options that replaced theirs."""
	for doctype, field, old, new in RENAMED:
		frappe.db.set_value(doctype, {field: old}, field, new, update_modified=False)
