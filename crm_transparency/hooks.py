app_name = "crm_transparency"
app_title = "CRM Transparency"
app_publisher = "CRM Transparency contributors"
app_description = "An open CRM: everyone can help every customer, and everyone sees what happens to them"
app_email = "hello@crm-transparency.example"
app_license = "GPL-3.0-or-later"

required_apps = ["frappe/erpnext"]

# Installing, upgrading and leaving
after_install = "crm_transparency.install.after_install"
after_migrate = "crm_transparency.install.after_migrate"
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
	"crm_transparency.crm_transparency.boot.tell_the_desk_what_is_tracked",
	"crm_transparency.export_audit.boot.tell_the_desk_what_is_audited",
	"crm_transparency.openness.restrictions.notes.tell_the_desk_what_is_restricted",
]

# Requests and jobs
before_request = [
	"crm_transparency.export_audit.requests.attend",
	"crm_transparency.openness.restrictions.requests.attend",
]
auth_hooks = [
	"crm_transparency.openness.opening.witness.note_request",
	"crm_transparency.openness.restrictions.requests.look_at_what_is_named",
]
before_job = [
	"crm_transparency.export_audit.jobs.attend",
	"crm_transparency.openness.restrictions.requests.attend_job",
]
persistent_cache_keys = ["crm_transparency:reads:"]

# Documents
doc_events = {
	"*": {
		"on_change": "crm_transparency.ownership.overrides.account.on_change",
		"after_rename": "crm_transparency.ownership.overrides.account.after_rename",
		"after_delete": "crm_transparency.ownership.overrides.account.after_delete",
	},
	"User": {
		"validate": "crm_transparency.crm_transparency.overrides.user.validate",
		"on_update": "crm_transparency.openness.overrides.user.on_update",
	},
	("Custom DocPerm", "User Permission"): {
		"after_insert": "crm_transparency.openness.overrides.permission.after_insert",
		"on_update": "crm_transparency.openness.overrides.permission.on_update",
		"on_trash": "crm_transparency.openness.overrides.permission.on_trash",
	},
	"Access Restriction": {
		"on_update": "crm_transparency.openness.overrides.access_restriction.on_update",
		"on_trash": "crm_transparency.openness.overrides.access_restriction.on_trash",
	},
	"DocType": {
		"after_rename": "crm_transparency.crm_transparency.overrides.doctype.after_rename",
		"on_update": "crm_transparency.crm_transparency.overrides.doctype.on_update",
	},
	"Email Queue": {
		"after_insert": "crm_transparency.export_audit.overrides.email_queue.after_insert",
	},
	"File": {
		"after_insert": "crm_transparency.export_audit.overrides.file.after_insert",
	},
	("Custom Field", "Document Naming Rule", "Property Setter"): {
		"validate": "crm_transparency.ledger.overrides.customization.validate",
	},
	("Comment", "Communication", "DocShare", "File", "Tag Link", "ToDo", "Version"): {
		"before_insert": "crm_transparency.ownership.overrides.records_beside.before_insert",
	},
}

# What was transferred doesn't keep a user or an account from being deleted
ignore_links_on_delete = [
	"Account Transfer",
	"Account Transfer Item",
	"Coaching Note",
	"Export Alert",
	"Openness Change",
	"Openness Finding",
	"Openness Snapshot",
]

# Who sees what
permission_query_conditions = {
	"*": "crm_transparency.openness.restrictions.records.query_condition",
	"Access Restriction": "crm_transparency.openness.restrictions.decisions.query_condition",
	"Account Owner Change": "crm_transparency.ownership.permissions.query_condition",
	"Account Owner Change Reason": "crm_transparency.ownership.permissions.reasons_query_condition",
	"Coaching Note": "crm_transparency.ownership.coaching.query_condition",
	"Communication": "crm_transparency.openness.opening.communications.query_condition",
	"Export Alert": "crm_transparency.export_audit.alerts.permissions.query_condition",
	"Export Log": "crm_transparency.export_audit.permissions.query_condition",
	"Export Manifest": "crm_transparency.export_audit.permissions.manifest_query_condition",
	"Openness Review": "crm_transparency.openness.reviews.signing.query_condition",
	"Read Volume": "crm_transparency.export_audit.permissions.read_volume_query_condition",
}

has_permission = {
	"*": "crm_transparency.openness.restrictions.records.has_permission",
	"Access Restriction": "crm_transparency.openness.restrictions.decisions.has_permission",
	"Account Owner Change": "crm_transparency.ownership.permissions.has_permission",
	"Account Owner Change Reason": "crm_transparency.ownership.permissions.has_permission_to_reason",
	"Coaching Note": "crm_transparency.ownership.coaching.has_permission",
	"Communication": "crm_transparency.openness.opening.communications.has_permission",
	"Export Alert": "crm_transparency.export_audit.alerts.permissions.has_permission",
	"Export Log": "crm_transparency.export_audit.permissions.has_permission",
	"Export Manifest": "crm_transparency.export_audit.permissions.has_permission_to_manifest",
	"Openness Review": "crm_transparency.openness.reviews.signing.has_permission",
	"Prepared Report": "crm_transparency.openness.restrictions.reports.has_permission_to_prepared",
	"Read Volume": "crm_transparency.export_audit.permissions.has_permission_to_read_volume",
}

override_whitelisted_methods = {
	"frappe.client.get_count": "crm_transparency.ownership.overrides.lookups.get_count",
	"frappe.desk.form.linked_with.get": "crm_transparency.ownership.overrides.lookups.get_linked_documents",
}

# Ledgers
transparency_ledgers = [
	"Account Owner Change",
	"Account Owner Change Reason",
	"Export Log",
	"Export Right Change",
	"Ledger Name Change",
	"Ledger Pruning",
]

transparency_ledger_people = {
	"Account Owner Change": ["previous_owner", "new_owner", "changed_by", "impersonated_by"],
	"Account Owner Change Reason": ["given_by", "impersonated_by"],
	"Export Log": ["user", "impersonated_by"],
	"Export Right Change": ["changed_by", "impersonated_by"],
	"Ledger Name Change": ["old_name", "new_name", "changed_by", "impersonated_by"],
}

# Restrictions
transparency_hidden_records = ["crm_transparency.openness.restrictions.records.hiding_conditions"]

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
		"*/5 * * * *": ["crm_transparency.export_audit.journal.moving.move_safely"],
		"*/10 * * * *": ["crm_transparency.ownership.transfers.job.continue_stalled"],
	},
	"hourly": [
		"crm_transparency.export_audit.read_counts.write_read_volume",
		"crm_transparency.export_audit.alerts.judging.judge_everybody",
	],
	"hourly_long": [
		"crm_transparency.ledger.seals.seal_new_entries",
		"crm_transparency.export_audit.manifest_index.index_new_manifests",
	],
	"daily": [
		"crm_transparency.export_audit.alerts.digest.send_digests",
		"crm_transparency.openness.restrictions.reviews.attend",
	],
	"daily_long": [
		"crm_transparency.ledger.retention.prune_expired_entries",
		"crm_transparency.export_audit.manifest_index.forget_pruned",
		"crm_transparency.export_audit.alerts.retention.forget_expired",
		"crm_transparency.ledger.chain_head.send_copies",
		"crm_transparency.ownership.reconciliation.reconcile_all",
		"crm_transparency.openness.opening.checking.check_nightly",
		"crm_transparency.openness.seeing.snapshots.take_daily",
	],
	"weekly_long": ["crm_transparency.ledger.verification.verify_weekly"],
}
