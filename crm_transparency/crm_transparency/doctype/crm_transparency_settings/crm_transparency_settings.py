import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, validate_email_address

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.exceptions import NotAnOwnerField, NotTrackable


class CRMTransparencySettings(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from crm_transparency.crm_transparency.doctype.audited_document_type.audited_document_type import (
			AuditedDocumentType,
		)
		from crm_transparency.crm_transparency.doctype.tracked_document_type.tracked_document_type import (
			TrackedDocumentType,
		)

		audited_doctypes: DF.TableMultiSelect[AuditedDocumentType]
		bulk_read_rows: DF.Int
		chain_head_webhook: DF.Data | None
		complex_org_chart_rules: DF.Int
		complex_rules: DF.Int
		complex_superfluous_rules: DF.Int
		exports_judged_until: DF.Datetime | None
		exports_visible_to: DF.Literal["Everyone", "Managers and people concerned"]
		introduction_template: DF.Link | None
		introductions_per_hour: DF.Int
		keep_ledger_months: DF.Int
		key_account_worth: DF.Currency
		key_accounts_proposed: DF.Int
		large_export_rows: DF.Int
		mail_chain_head_to: DF.SmallText | None
		many_records_read: DF.Int
		notify_of_takeovers: DF.Check
		openness_review_months: DF.Int
		ownership_visible_to: DF.Literal["Everyone", "Managers and people concerned"]
		pattern_days: DF.Int
		pattern_takeovers: DF.Int
		taken_from_days: DF.Int
		restrictions_after_review_date: DF.Literal["They stay in force", "They lapse"]
		traceable_exports: DF.Check
		review_days: DF.Int
		ringer_watch_months: DF.Int
		tracked_doctypes: DF.Table[TrackedDocumentType]

	# end: auto-generated types

	def onload(self):
		self.drop_rows_of_deleted_doctypes()

	def validate(self):
		self.validate_chain_head_addresses()
		self.validate_tracked_once()
		for row in self.tracked_doctypes:
			validate_trackable(row)
			validate_owner_field(row)
			validate_optional_field(row, row.title_field, _("title field"))
			validate_optional_field(row, row.territory_field, _("territory field"))

	def on_update(self):
		registry.forget()

	def chain_head_addresses(self) -> list[str]:
		"""Return to whom the newest seal is mailed."""
		return (self.mail_chain_head_to or "").replace(",", "\n").split()

	def validate_chain_head_addresses(self):
		for address in self.chain_head_addresses():
			if not validate_email_address(address):
				frappe.throw(
					_("{0} isn't an email address. Please enter one address per line.").format(
						frappe.bold(escape_html(address))
					),
					exc=frappe.InvalidEmailAddressError,
				)

	def drop_rows_of_deleted_doctypes(self):
		"""Leave out DocTypes that were deleted since: Frappe would refuse to save a link to nowhere."""
		self.tracked_doctypes = [
			row for row in self.tracked_doctypes if frappe.db.exists("DocType", row.document_type)
		]

	def validate_tracked_once(self):
		seen = set()
		for row in self.tracked_doctypes:
			if row.document_type in seen:
				frappe.throw(
					_("Row {0}: {1} is listed twice. Please keep one row for it.").format(
						row.idx, frappe.bold(_(row.document_type))
					)
				)
			seen.add(row.document_type)


def validate_trackable(row: Document) -> None:
	if not registry.is_trackable(row.document_type):
		frappe.throw(
			_(
				"Row {0}: {1} can't be tracked, since it has no documents of the company that could change hands. "
				"Please choose a document type like Customer or Lead."
			).format(row.idx, frappe.bold(_(row.document_type))),
			exc=NotTrackable,
		)


def validate_owner_field(row: Document) -> None:
	row.owner_field = (row.owner_field or "").strip()
	if not registry.has_owner_field(row.document_type, row.owner_field):
		frappe.throw(
			_(
				"Row {0}: the field {1} of {2} can't hold an account owner, since it isn't a link to a user. "
				"Please name a field of type Link with User as its options."
			).format(row.idx, frappe.bold(row.owner_field), frappe.bold(_(row.document_type))),
			exc=NotAnOwnerField,
		)


def validate_optional_field(row: Document, fieldname: str | None, role: str) -> None:
	if fieldname and not registry.has_column(row.document_type, fieldname):
		frappe.throw(
			_(
				"Row {0}: {1} has no field {2} that could be its {3}. Please correct the name or leave it empty."
			).format(row.idx, frappe.bold(_(row.document_type)), frappe.bold(fieldname), role)
		)
