"""Policies and who acknowledged them.

A policy's text changes in versions. Each is kept as an entry of a ledger, and an acknowledgement names the version and the
hash of the text, so it can be shown for ever what exactly somebody agreed to.
"""

import hashlib
from datetime import datetime

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import Order
from frappe.utils import now_datetime

from crm_transparency.crm_transparency.permissions import quoted
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.ledger import entries, names
from crm_transparency.ledger.entries import LedgerEntry

POLICY = "Policy"
TEXTS = "Policy Text"
ACKNOWLEDGEMENTS = "Policy Acknowledgement"
CONFIDENTIALITY, EMPLOYMENT_AGREEMENT = "Confidentiality", "Employment Agreement"
#: who see the acknowledgements of others
SEES_ALL = {"HR Manager", "Offboarding Manager", "System Manager"}
BY_LINK, ON_PAPER, IN_THE_DESK = "Personal link", "Signed paper", "In the Desk"


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the acknowledgements: HR and administrators see all of them, everybody their own."""
	if user == "Administrator" or SEES_ALL & set(frappe.get_roles(user)):
		return ""
	return f"`tab{ACKNOWLEDGEMENTS}`.user = {quoted(user)}"


def sha256(text: str | bytes) -> str:
	"""Return the hash of a text or a file: 64 hexadecimal digits."""
	return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def keep_text(policy: Document) -> None:
	"""Add the policy's text of this version to the ledger of texts."""
	actor = current_actor()
	entries.add(
		TEXTS,
		policy=policy.name,
		policy_version=policy.version,
		policy_type=policy.policy_type,
		text=policy.text,
		text_sha256=sha256(policy.text),
		written_by=actor.user,
		impersonated_by=actor.impersonated_by,
		written_on=now_datetime(),
	)


def in_force(policy_type: str, language: str | None = None) -> frappe._dict | None:
	"""Return the policy of a type that applies: in the reader's language if there is one, else any. None if there is none."""
	policies = frappe.get_all(
		POLICY,
		filters={"policy_type": policy_type, "is_in_force": 1},
		fields=["name", "title", "policy_type", "version", "language", "text"],
		order_by="modified desc",
	)
	return next((policy for policy in policies if policy.language == language), next(iter(policies), None))


def acknowledge(
	*,
	user: str | None,
	employee: str | None,
	policy_type: str,
	text_sha256: str,
	signed_name: str,
	way: str,
	policy: str | None = None,
	policy_version: str | int | None = None,
	acknowledged_on: datetime | None = None,
	evidence: str | None = None,
) -> LedgerEntry:
	"""Add an entry: who acknowledged which text, when and how. `text_sha256` is of the text, or of the signed paper's file."""
	if not (user or employee):
		frappe.throw(_("An acknowledgement is by a user or an employee."))
	actor = current_actor()
	return entries.add(
		ACKNOWLEDGEMENTS,
		user=user,
		employee=employee,
		policy_type=policy_type,
		policy=policy,
		policy_version=str(policy_version) if policy_version else None,
		acknowledged_on=acknowledged_on or now_datetime(),
		way=way,
		text_sha256=text_sha256,
		signed_name=signed_name,
		evidence=evidence,
		recorded_by=actor.user,
		impersonated_by=actor.impersonated_by,
	)


def acknowledged_by(
	user: str | None, employee: str | None, policy_types: tuple[str, ...]
) -> list[frappe._dict]:
	"""Return what a person acknowledged, newest first; former names of a user or an employee count too."""
	table = frappe.qb.DocType(ACKNOWLEDGEMENTS)
	is_theirs = [
		names.criterion(names.spans(doctype, name), table[field], table.creation)
		for doctype, field, name in (("User", "user", user), ("Employee", "employee", employee))
		if name
	]
	if not is_theirs:
		return []
	either = is_theirs[0] if len(is_theirs) == 1 else is_theirs[0] | is_theirs[1]
	return (
		frappe.qb.from_(table)
		.select(
			table.name,
			table.policy,
			table.policy_type,
			table.policy_version,
			table.acknowledged_on,
			table.way,
			table.signed_name,
			table.evidence,
			table.text_sha256,
		)
		.where(either & table.policy_type.isin(policy_types))
		.orderby(table.acknowledged_on, order=Order.desc)
		.run(as_dict=True)
	)
