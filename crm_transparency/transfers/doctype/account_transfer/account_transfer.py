import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_fullname

from crm_transparency.transfers import chosen_accounts, transfer_permissions, transfer_planning
from crm_transparency.transfers.exceptions import TransferNotPossible, WrongMoment
from crm_transparency.transfers.transfer_constants import (
	AS_LISTED,
	BY_TERRITORY,
	DRAFT,
	FILTERS,
	LIST,
	ONE_SUCCESSOR,
	ONE_USER,
)

LARGEST_CHUNK = 10_000
LARGEST_WEIGHT = 10_000
# what the app keeps in the document about how far it is; nobody else sets these
STATE = (
	"status",
	"total",
	"transferred",
	"skipped",
	"failed",
	"given_back",
	"not_given_back",
	"run_by",
	"impersonated_by",
	"previewed_on",
	"started_on",
	"finished_on",
	"error_message",
	"plan",
	"task",
	"worker",
	"last_progress_on",
	"run_started_on",
	"run_started_with",
	"item_prefix",
	"worked_up_to",
)
BEGINNING = {
	"status": DRAFT,
	**dict.fromkeys(("total", "transferred", "skipped", "failed", "given_back", "not_given_back"), 0),
	"run_started_with": 0,
}
# another plan makes the preview worthless
PLAN_FIELDS = ("source", "from_user", "csv_file", "list_document_type", "listed_accounts", "strategy")
PLAN_TABLES = {"document_types": ("document_type", "filters"), "successors": ("user", "weight", "territory")}


class AccountTransfer(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from crm_transparency.transfers.doctype.account_transfer_document_type.account_transfer_document_type import (
			AccountTransferDocumentType,
		)
		from crm_transparency.transfers.doctype.account_transfer_successor.account_transfer_successor import (
			AccountTransferSuccessor,
		)

		chunk_size: DF.Int
		csv_file: DF.Attach | None
		document_types: DF.Table[AccountTransferDocumentType]
		error_message: DF.SmallText | None
		failed: DF.Int
		finished_on: DF.Datetime | None
		from_user: DF.Link | None
		given_back: DF.Int
		impersonated_by: DF.Link | None
		item_prefix: DF.Data | None
		last_progress_on: DF.Datetime | None
		list_document_type: DF.Link | None
		listed_accounts: DF.LongText | None
		mode: DF.Literal["Fast", "Full Save"]
		not_given_back: DF.Int
		offboarding: DF.Data | None
		plan: DF.LongText | None
		previewed_on: DF.Datetime | None
		run_by: DF.Link | None
		run_started_on: DF.Datetime | None
		run_started_with: DF.Int
		skipped: DF.Int
		source: DF.Literal["Accounts of one user", "Filters", "List"]
		started_on: DF.Datetime | None
		status: DF.Literal["Draft", "Running", "Paused", "Completed", "Failed", "Undone"]
		strategy: DF.Literal["One Successor", "Round Robin", "By Territory", "As Listed"]
		successors: DF.Table[AccountTransferSuccessor]
		task: DF.Literal["", "Preview", "Transfer", "Undo"]
		title: DF.Data | None
		total: DF.Int
		transferred: DF.Int
		worked_up_to: DF.Data | None
		worker: DF.Data | None

	# end: auto-generated types

	def before_validate(self):
		self.keep_state()
		self.from_own_accounts_only()
		self.drop_what_does_not_apply()

	def validate(self):
		transfer_permissions.check_may_transfer(self)
		self.validate_draft()
		self.validate_accounts()
		self.validate_successors()
		self.validate_chunk_size()
		self.forget_preview_of_another_plan()
		self.set_title()

	def on_trash(self):
		if self.status != DRAFT or self.transferred:
			frappe.throw(
				_(
					"This transfer has moved accounts. It can't be deleted, because it is part of their history."
				),
				exc=WrongMoment,
			)
		transfer_planning.forget(self.name)

	def keep_state(self):
		"""Let nobody but the app say how far the transfer is: whatever a form or the API sent is put back."""
		before = self.get_doc_before_save()
		for field in STATE:
			self.set(field, before.get(field) if before else BEGINNING.get(field))

	def from_own_accounts_only(self):
		"""Whoever may hand over own accounts only needn't say so."""
		if not self.from_user and not transfer_permissions.may_transfer_any():
			self.from_user = frappe.session.user

	def drop_what_does_not_apply(self):
		if self.source == LIST:
			self.document_types = []
		else:
			self.csv_file = self.listed_accounts = self.list_document_type = None
		if self.strategy == AS_LISTED:
			self.successors = []
		for row in self.successors:
			row.weight = 1 if row.weight is None else row.weight
			if self.strategy != BY_TERRITORY:
				row.territory = None

	def validate_draft(self):
		if self.status != DRAFT and self.has_another_plan():
			frappe.throw(
				_("This transfer has been started, so its plan can't be changed. Please create a new one."),
				exc=WrongMoment,
			)

	def validate_accounts(self):
		if self.source == ONE_USER and not self.from_user:
			refuse(_("Please choose the user whose accounts you want to transfer."))
		if self.source == FILTERS and not self.document_types:
			refuse(_("Please add at least one document type, and filters that say which accounts are meant."))
		if self.source == LIST and not (self.csv_file or self.listed_accounts):
			refuse(_("Please attach a CSV file, or enter the accounts, one per line."))
		for row in self.document_types:
			chosen_accounts.check_tracked(row.document_type)
			chosen_accounts.parse_filters(row)
		if self.list_document_type:
			chosen_accounts.check_tracked(self.list_document_type)

	def validate_successors(self):
		if self.strategy == AS_LISTED:
			if self.source != LIST:
				refuse(_("Only a list names a successor for each account. Please choose another strategy."))
			return
		if not self.successors:
			refuse(_("Please name the successor."))
		if self.strategy == ONE_SUCCESSOR and len(self.successors) > 1:
			refuse(
				_("There are {0} successors. Please keep one, or choose the strategy Round Robin.").format(
					len(self.successors)
				)
			)
		for row in self.successors:
			if row.user == self.from_user:
				if not transfer_permissions.may_transfer_any():
					# the accounts are somebody else's, or there is no point
					transfer_permissions.refuse()
				refuse(
					_("Row {0}: {1} has these accounts already. Please choose somebody else.").format(
						row.idx, get_fullname(row.user)
					)
				)
			if not 1 <= row.weight <= LARGEST_WEIGHT:
				refuse(_("Row {0}: the weight has to be between 1 and {1}.").format(row.idx, LARGEST_WEIGHT))

	def validate_chunk_size(self):
		if not 1 <= self.chunk_size <= LARGEST_CHUNK:
			refuse(_("The accounts per step have to be between 1 and {0}.").format(LARGEST_CHUNK))

	def has_another_plan(self) -> bool:
		before = self.get_doc_before_save()
		if not before:
			return False
		return any((self.get(field) or "") != (before.get(field) or "") for field in PLAN_FIELDS) or any(
			rows(self, table, fields) != rows(before, table, fields) for table, fields in PLAN_TABLES.items()
		)

	def forget_preview_of_another_plan(self):
		if self.has_another_plan():
			self.previewed_on = self.plan = self.task = self.worker = None
			self.total = self.skipped = 0

	def set_title(self):
		names = [get_fullname(row.user) for row in self.successors]
		to = (
			names[0] if len(names) == 1 else _("{0} successors").format(len(names)) if names else _(AS_LISTED)
		)
		origin = get_fullname(self.from_user) if self.from_user else _(self.source)
		self.title = f"{origin} → {to}"[: frappe.db.VARCHAR_LEN]


def rows(transfer: Document, table: str, fields: tuple[str, ...]) -> list[tuple]:
	return [tuple(row.get(field) or "" for field in fields) for row in transfer.get(table)]


def refuse(sentence: str) -> None:
	frappe.throw(sentence, exc=TransferNotPossible)
