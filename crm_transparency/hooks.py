from crm_transparency.crm_transparency import own_doctypes

app_name = "crm_transparency"
app_title = "CRM Transparency"
app_publisher = "CRM Transparency contributors"
app_description = "An open CRM: everyone can help every customer, and everyone sees what happens to them"
app_email = "hello@crm-transparency.example"
app_license = "GPL-3.0-or-later"

required_apps = ["frappe/erpnext"]

# Installing, upgrading and leaving
after_install = [
	"crm_transparency.install.after_install",
	"crm_transparency.frappe_patches.report_missing",
]
after_migrate = [
	"crm_transparency.install.after_migrate",
	"crm_transparency.frappe_patches.report_missing",
]
before_uninstall = "crm_transparency.uninstall.before_uninstall"
after_uninstall = "crm_transparency.uninstall.after_uninstall"

fixtures = [
	{
		"dt": "Role",
		"filters": [
			["name", "in", ["CRM Colleague", "Transparency Manager", "Ringer Manager", "Offboarding Manager"]]
		],
	}
]

# Desk
app_include_js = "crm_transparency.bundle.js"
app_include_css = "crm_transparency.bundle.css"
extend_bootinfo = [
	"crm_transparency.crm_transparency.registry.extend_bootinfo",
	"crm_transparency.crm_transparency.patching.add_to_bootinfo",
	"crm_transparency.ledger.names.add_to_bootinfo",
	"crm_transparency.export_audit.export_desk.add_to_bootinfo",
	"crm_transparency.restrictions.explanations.add_to_bootinfo",
]

# Requests and jobs
before_request = [
	"crm_transparency.frappe_patches.before_request",
	"crm_transparency.export_audit.response_recorder.begin_request",
	"crm_transparency.ringers.inbound_webhook.keep_provider_credentials",
]
auth_hooks = ["crm_transparency.restrictions.named_documents.check_request"]
after_request = ["crm_transparency.restrictions.response_filter.filter_response"]
before_job = [
	"crm_transparency.frappe_patches.before_job",
	"crm_transparency.export_audit.response_recorder.begin_job",
	"crm_transparency.restrictions.files_and_mails.before_job",
]
persistent_cache_keys = ["crm_transparency:reads:"]

transparency_frappe_patches = [
	"crm_transparency.frappe_patches.PATCHES",
	"crm_transparency.frappe_patches.CLASS_METHODS",
]

# Documents
doc_events = {
	"*": {
		"on_change": "crm_transparency.ownership.overrides.account.on_change",
		"after_rename": [
			"crm_transparency.ownership.overrides.account.after_rename",
			"crm_transparency.restrictions.renamed_records.after_rename",
			"crm_transparency.openness.openness_changes.follow_rename",
		],
		"after_delete": "crm_transparency.ownership.overrides.account.after_delete",
		"before_print": "crm_transparency.restrictions.hidden_fields.before_print",
	},
	"User": {
		"validate": "crm_transparency.crm_transparency.overrides.user.validate",
		"on_update": [
			"crm_transparency.ringers.manager_changes.on_update_of_user",
			"crm_transparency.offboarding.overrides.user.on_update",
		],
	},
	"Employee": {"on_update": "crm_transparency.offboarding.overrides.employee.on_update"},
	"Employee Separation": {
		"on_change": "crm_transparency.offboarding.overrides.employee_separation.on_change"
	},
	"ToDo": {"on_update": "crm_transparency.offboarding.overrides.todo.on_update"},
	"Has Role": {
		"after_insert": "crm_transparency.ringers.manager_changes.after_insert_of_role",
		"after_delete": "crm_transparency.ringers.manager_changes.after_delete_of_role",
	},
	("Custom DocPerm", "User Permission"): {
		"after_insert": "crm_transparency.openness.permission_changes.record_document",
		"on_update": "crm_transparency.openness.permission_changes.record_document",
		"on_trash": "crm_transparency.openness.permission_changes.record_document",
	},
	"Access Restriction": {
		"on_update": "crm_transparency.openness.limiting_user_permissions.lift_replaced",
		"on_trash": "crm_transparency.openness.limiting_user_permissions.cancel_replacing",
	},
	"DocType": {
		"after_rename": "crm_transparency.crm_transparency.overrides.doctype.after_rename",
		"on_update": "crm_transparency.crm_transparency.overrides.doctype.on_update",
	},
	"Communication": {
		"after_insert": "crm_transparency.ringers.inbound_records.after_insert_of_communication"
	},
	"Call Log": {"after_insert": "crm_transparency.ringers.inbound_records.after_insert_of_call_log"},
	"Email Queue": {
		"before_insert": [
			"crm_transparency.restrictions.files_and_mails.before_insert_mail",
			"crm_transparency.export_audit.mailed_files.record",
		],
	},
	"File": {
		"validate": "crm_transparency.restrictions.files_and_mails.validate_file",
		"before_insert": "crm_transparency.export_audit.export_channels.record_file_of_job",
	},
	"Version": {"before_insert": "crm_transparency.restrictions.hidden_fields.before_insert_version"},
	("Custom Field", "Document Naming Rule", "Property Setter"): {
		"validate": "crm_transparency.ledger.ledgers.refuse_customization"
	},
	("Comment", "Communication", "DocShare", "Document Follow", "File", "Tag Link", "ToDo", "Version"): {
		"before_insert": "crm_transparency.crm_transparency.permissions.refuse_linked_record"
	},
}

# What was transferred, or who left, doesn't keep a user or an account from being deleted
ignore_links_on_delete = own_doctypes.linking_records()

# Access
permission_query_conditions = {
	"*": [
		"crm_transparency.crm_transparency.permissions.query_condition",
		"crm_transparency.restrictions.records.query_condition",
	],
	"Communication": "crm_transparency.openness.overrides.communication.query_condition",
}

has_permission = {
	"*": [
		"crm_transparency.crm_transparency.permissions.has_permission",
		"crm_transparency.restrictions.records.has_permission",
	],
	"Communication": "crm_transparency.openness.overrides.communication.has_permission",
	"Prepared Report": "crm_transparency.restrictions.closed_reports.has_permission",
	"Report": "crm_transparency.restrictions.closed_reports.has_permission",
}

override_whitelisted_methods = {
	"frappe.core.doctype.user_permission.user_permission.clear_user_permissions": (
		"crm_transparency.openness.permission_changes.run_and_record"
	),
	"frappe.core.page.permission_manager.permission_manager.remove": (
		"crm_transparency.openness.permission_changes.run_and_record"
	),
	"frappe.core.page.permission_manager.permission_manager.reset": (
		"crm_transparency.openness.permission_changes.run_and_record"
	),
	"frappe.core.page.permission_manager.permission_manager.update": (
		"crm_transparency.openness.permission_changes.run_and_record"
	),
	"frappe.client.get_count": "crm_transparency.crm_transparency.overrides.lookups.get_count",
	"frappe.client.validate_link": "crm_transparency.crm_transparency.overrides.lookups.validate_link",
	"frappe.desk.doctype.dashboard_chart.dashboard_chart.get": "crm_transparency.crm_transparency.overrides.lookups.get_chart",
	"frappe.desk.form.linked_with.get": "crm_transparency.crm_transparency.overrides.lookups.get_linked_documents",
	"frappe.desk.notifications.get_open_count": "crm_transparency.crm_transparency.overrides.lookups.get_open_count",
	"frappe.utils.goal.get_monthly_goal_graph_data": "crm_transparency.crm_transparency.overrides.lookups.get_goal",
}

# Classes of Frappe, on v16; v15's are in the table of patches
extend_doctype_class = {
	"File": "crm_transparency.restrictions.overrides.file.FileOfVisibleDocument",
	"Report": [
		"crm_transparency.export_audit.query_recorder.ReportExtension",
		"crm_transparency.restrictions.overrides.report.ReportReadByItsUser",
	],
	"Auto Email Report": "crm_transparency.export_audit.report_exports.AutoEmailReportExtension",
}

# Ringers
transparency_left_out_of_figures = "crm_transparency.ringers.identities.left_out_of_figures"
transparency_export_ringers = "crm_transparency.ringers.export_ringers.provide"

# What people did
transparency_activity = {
	"Version": "crm_transparency.ownership.change_log.versions",
	"Owner change": "crm_transparency.ownership.change_log.owner_changes",
	"Comment": "crm_transparency.ownership.change_log.comments",
	"Creation": "crm_transparency.ownership.change_log.creations",
	"Last save": "crm_transparency.ownership.change_log.last_saves",
	"Deletion": "crm_transparency.ownership.change_log.deletions",
	"Export": "crm_transparency.export_audit.export_activity.exports",
	"Alert": "crm_transparency.export_audit.export_activity.alerts",
	"Login": "crm_transparency.crm_transparency.activity.logins",
	"Login from a new address": "crm_transparency.crm_transparency.activity.logins_from_new_addresses",
	"Permission change": "crm_transparency.crm_transparency.activity.permission_changes",
}

# Ledgers
transparency_evidence = ["crm_transparency.ringers.case_evidence.of_person"]

transparency_ledger_checks = {"Export Log": "crm_transparency.export_audit.manifests.is_intact"}

before_transparency_ledger_pruning = ["crm_transparency.ringers.case_evidence.forget_pruned"]

# Restrictions
transparency_hidden_records = ["crm_transparency.restrictions.records.hiding_conditions"]

transparency_reports_within_restrictions = [
	"Account Owner Changes",
	"Employee Change Log",
	"Exports by Person and Week",
	"My Exports",
	"Openness Report",
	"Read Volume",
	"System Events",
	"Takeover Patterns",
	"Who Exported This Record",
]

scheduler_events = {
	"cron": {
		"*/5 * * * *": [
			"crm_transparency.offboarding.access_ending.end_what_is_due",
			"crm_transparency.offboarding.step_flows.follow",
			"crm_transparency.ringers.manager_changes.find_unrecorded",
		],
		"* * * * *": ["crm_transparency.ringers.inbox.process"],
		"*/10 * * * *": [
			"crm_transparency.transfers.transfer_job.continue_stalled",
			"crm_transparency.offboarding.transfer_step.continue_handovers",
		],
	},
	"hourly": [
		"crm_transparency.export_audit.read_counts.write_read_volume",
		"crm_transparency.export_audit.alert_rules.judge_everybody",
		"crm_transparency.ringers.record_changes.every_hour",
	],
	"hourly_long": [
		"crm_transparency.ledger.seals.seal_new_entries",
		"crm_transparency.export_audit.manifest_index.index_new_manifests",
	],
	"daily": [
		"crm_transparency.export_audit.alert_digest.send_digests",
		"crm_transparency.offboarding.disabled_owners.report",
		"crm_transparency.offboarding.due_steps.remind_of_due_steps",
		"crm_transparency.offboarding.handover_belongings.disable_waiting_sales_persons",
		"crm_transparency.ringers.record_changes.every_morning",
		"crm_transparency.restrictions.review_dates.check_daily",
	],
	"daily_long": [
		"crm_transparency.ledger.retention.prune_expired_entries",
		"crm_transparency.export_audit.manifest_index.forget_pruned",
		"crm_transparency.export_audit.export_alerts.forget_expired",
		"crm_transparency.ledger.chain_head.send_copies",
		"crm_transparency.ownership.reconciliation.reconcile_all",
		"crm_transparency.openness.limiting_user_permissions.lift_replaced",
		"crm_transparency.openness.access_guard.check",
		"crm_transparency.openness.openness_figures.take_daily_snapshot",
	],
	"monthly": ["crm_transparency.ringers.drill.remind"],
	"weekly_long": ["crm_transparency.ledger.verification.verify_weekly"],
}
