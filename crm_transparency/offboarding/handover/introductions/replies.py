"""Seeing that a customer answered an introduction: in the same thread, or by a mail of their own."""

import frappe
from frappe.query_builder.functions import Coalesce
from frappe.utils import get_datetime
from pypika.functions import Lower
from pypika.queries import QueryBuilder

from crm_transparency.crm_transparency.bulk import is_one_of
from crm_transparency.offboarding.handover.words import INTRODUCTION, REPLIED, SENT


def see(offboarding: str | None = None) -> int:
	"""Mark the introductions that were answered since they went; return how many that are."""
	filters = {"status": SENT, **({"offboarding": offboarding} if offboarding else {})}
	fields = ["name", "email", "communication", "sent_on"]
	waiting = frappe.get_all(INTRODUCTION, filters=filters, fields=fields, limit_page_length=0)
	if not waiting:
		return 0
	first = min(get_datetime(row.sent_on) for row in waiting)
	answers = answers_to(waiting) + mails_from(waiting, first)
	answered = 0
	for row in waiting:
		if found := earliest(row, answers):
			values = {"status": REPLIED, "replied_on": found.moment, "reply": found.name}
			frappe.db.set_value(INTRODUCTION, row.name, values, update_modified=False)
			answered += 1
	return answered


def received() -> tuple[object, QueryBuilder]:
	mail = frappe.qb.DocType("Communication")
	query = (
		frappe.qb.from_(mail)
		.select(
			mail.name,
			mail.in_reply_to,
			mail.sender,
			Coalesce(mail.communication_date, mail.creation).as_("moment"),
		)
		.where((mail.sent_or_received == "Received") & (mail.communication_type == "Communication"))
		.orderby(mail.creation)
	)
	return mail, query


def answers_to(waiting: list[frappe._dict]) -> list[frappe._dict]:
	mail, query = received()
	sent = [row.communication for row in waiting if row.communication]
	return query.where(is_one_of(mail.in_reply_to, sent)).run(as_dict=True) if sent else []


def mails_from(waiting: list[frappe._dict], since) -> list[frappe._dict]:
	mail, query = received()
	addresses = {row.email.lower() for row in waiting if row.email}
	if not addresses:
		return []
	return query.where((mail.creation >= since) & is_one_of(Lower(mail.sender), addresses)).run(as_dict=True)


def earliest(row: frappe._dict, answers: list[frappe._dict]) -> frappe._dict | None:
	sent_on = get_datetime(row.sent_on)
	for answer in answers:
		is_answer = row.communication and answer.in_reply_to == row.communication
		is_theirs = (answer.sender or "").lower() == (row.email or "").lower()
		if is_answer or (is_theirs and get_datetime(answer.moment) >= sent_on):
			return answer
	return None
