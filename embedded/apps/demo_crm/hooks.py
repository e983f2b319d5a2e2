app_name = "demo_crm"
app_title = "CRM"
app_publisher = "CRM Transparency contributors"
app_description = "The DocTypes of a CRM under ERPNext's names, for running CRM Transparency without ERPNext"
app_email = "hello@crm-transparency.example"
app_license = "GPL-3.0-or-later"

after_install = "demo_crm.install.after_install"

add_to_apps_screen = [
	{
		"name": "demo_crm",
		"logo": "/assets/frappe/images/frappe-framework-logo.svg",
		"title": "CRM",
		"route": "/desk/demo-crm",
	}
]
