"""What installing adds beyond what Frappe syncs by itself. `uninstall.py` takes the same things away again."""

import frappe
from frappe.utils.fixtures import sync_fixtures

from crm_transparency.crm_transparency import mail, registry, staff
from crm_transparency.export_audit import alert_rules
from crm_transparency.offboarding import disabled_owners, letter_texts, starting_offboardings
from crm_transparency.ownership import changes, ownership_indexes, reconciliation

# ERPNext's accounts and the field that names their owner
ERPNEXT_ACCOUNTS = {
	"Customer": "account_manager",
	"Lead": "lead_owner",
	"Opportunity": "opportunity_owner",
	"Prospect": "prospect_owner",
}
TERRITORY_FIELD = "territory"


def after_install() -> None:
	add_roles()
	track_erpnext_accounts()
	staff.give_colleague_role_to_everyone()
	add_mail_switches()
	reconciliation.reconcile_all()
	ownership_indexes.add()
	prepare_offboarding()
	disabled_owners.report()


def after_migrate() -> None:
	"""DocTypes that are tracked since the last migration, and other apps' own migrations, may lack our indexes."""
	ownership_indexes.add()


def add_roles() -> None:
	"""Frappe syncs fixtures only after this hook, but the roles are needed now."""
	sync_fixtures("crm_transparency")


def add_mail_switches() -> None:
	for switch in (changes.SWITCH, alert_rules.DIGEST_SWITCH):
		mail.add_switch(switch)


def prepare_offboarding() -> None:
	"""Add the standard steps and the texts of letters, for HR to change."""
	starting_offboardings.add_standard_template()
	letter_texts.add_defaults()


def track_erpnext_accounts() -> None:
	"""Track those of ERPNext's four account DocTypes that exist, unless the site already says what is tracked."""
	settings = frappe.get_single(registry.SETTINGS)
	if settings.tracked_doctypes:
		return
	for doctype, owner_field in ERPNEXT_ACCOUNTS.items():
		if not frappe.db.exists("DocType", doctype) or not registry.has_owner_field(doctype, owner_field):
			continue
		has_territory = frappe.get_meta(doctype).has_field(TERRITORY_FIELD)
		settings.append(
			"tracked_doctypes",
			{
				"document_type": doctype,
				"owner_field": owner_field,
				"territory_field": TERRITORY_FIELD if has_territory else None,
				"enabled": 1,
			},
		)
	settings.save(ignore_permissions=True)
