import frappe
from frappe.desk.page.setup_wizard import install_fixtures

ROOTS = [
	("Customer Group", "customer_group_name", "All Customer Groups"),
	("Territory", "territory_name", "All Territories"),
	("Sales Person", "sales_person_name", "Sales Team"),
	("Item Group", "item_group_name", "All Item Groups"),
]

LEAVES = [
	("Customer Group", "customer_group_name", "Commercial"),
	("Customer Group", "customer_group_name", "Individual"),
	("Territory", "territory_name", "Rest Of The World"),
]

RECORDS = [
	{"doctype": "Opportunity Type", "name": "Sales"},
	{"doctype": "Sales Stage", "stage_name": "Prospecting"},
	{"doctype": "UOM", "uom_name": "Nos"},
	{"doctype": "Issue Priority", "name": "Low"},
	{"doctype": "Issue Priority", "name": "Medium"},
	{"doctype": "Issue Priority", "name": "High"},
	{"doctype": "Address Template", "country": "United Kingdom", "is_default": 1},
]


def after_install() -> None:
	"""Create the records that the DocTypes' defaults point to, under the names ERPNext gives them.

	Genders and salutations are Frappe's, but it's the setup wizard that creates them, and nobody runs that
	here; an address can't be shown without a template.
	"""
	install_fixtures.update_genders()
	install_fixtures.update_salutations()
	for doctype, name_field, name in ROOTS:
		create({"doctype": doctype, name_field: name, "is_group": 1})
	create({"doctype": "Department", "department_name": "All Departments", "is_group": 1})
	for doctype, name_field, name in LEAVES:
		create({"doctype": doctype, name_field: name})
	for record in RECORDS:
		create(record)


def create(record: dict) -> None:
	"""Insert `record` unless one of its name is there. A tree's root lacks what its other nodes must have."""
	document = frappe.get_doc(record)
	document.flags.ignore_mandatory = True
	document.insert(ignore_permissions=True, ignore_if_duplicate=True)
