"""Mails, calls, notes and issues."""

import json
from collections import defaultdict
from datetime import date, timedelta
from html import escape

import frappe
from frappe.model.document import Document

from embedded.demo_data import bulk
from embedded.demo_data.moments import at
from embedded.demo_data.plan import catalogue, phrases
from embedded.demo_data.plan.conversations import Call, Issue, Mail, Note
from embedded.demo_data.plan.everything import Plan
from embedded.demo_data.plan.staff import user_of
from embedded.demo_data.plan.workdays import moment


def write(plan: Plan, today: date, contacts: dict[str, str]) -> None:
	"""Insert everything that was written or said; `contacts` are the contacts' names by e-mail address."""
	conversations = plan.conversations
	bulk.insert([new_mail(mail, today, contacts) for mail in conversations.mails], plan.source)
	write_customer_notes(plan, today)
	bulk.insert(new_pipeline_notes(conversations.pipeline_notes, today), plan.source)
	bulk.insert([new_call(call, today, plan) for call in conversations.calls], plan.source)
	bulk.insert(new_issues(conversations.issues, today, contacts), plan.source)


def new_mail(mail: Mail, today: date, contacts: dict[str, str]) -> Document:
	sent_at = moment(today, mail.back, mail.minute)
	colleague = user_of(mail.colleague)
	sender, recipient = (mail.contact.email, colleague) if mail.received else (colleague, mail.contact.email)
	document = bulk.new(
		"Communication",
		sent_at,
		"Administrator" if mail.received else colleague,
		communication_type="Communication",
		communication_medium="Email",
		sent_or_received="Received" if mail.received else "Sent",
		delivery_status="" if mail.received else "Sent",
		email_status="Open",
		status="Linked",
		subject=mail.subject,
		content=html(mail.text),
		text_content=mail.text,
		sender=sender,
		sender_full_name=mail.contact.full_name if mail.received else mail.colleague,
		recipients=recipient,
		communication_date=sent_at,
		reference_doctype=mail.account.doctype,
		reference_name=mail.account.document_name,
		reference_owner=user_of(mail.account.entered_by),
		user=colleague,
		seen=1,
	)
	if mail.contact.email in contacts:
		link = {
			"link_doctype": "Contact",
			"link_name": contacts[mail.contact.email],
			"communication_date": sent_at,
		}
		document.append("timeline_links", link)
	return document


def html(text: str) -> str:
	paragraphs = escape(text, quote=False).replace("\n\n", "\n").split("\n")
	return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def write_customer_notes(plan: Plan, today: date) -> None:
	"""Notes on customers are comments on their forms; lists count the copies that a customer keeps."""
	comments = [new_comment(note, today) for note in plan.conversations.notes]
	bulk.insert(comments, plan.source)
	by_customer = defaultdict(list)
	for comment in sorted(comments, key=lambda comment: comment.creation):
		by_customer[comment.reference_name].append(
			{"name": comment.name, "comment": comment.content, "by": comment.owner}
		)
	copies = {name: {"_comments": json.dumps(kept)} for name, kept in by_customer.items()}
	frappe.db.bulk_update("Customer", copies, update_modified=False)


def new_comment(note: Note, today: date) -> Document:
	return bulk.new(
		"Comment",
		moment(today, note.back, note.minute),
		user_of(note.author),
		comment_type="Comment",
		comment_email=user_of(note.author),
		comment_by=note.author,
		reference_doctype=note.about.doctype,
		reference_name=note.about.document_name,
		reference_owner=user_of(note.about.entered_by),
		content=html(note.text),
	)


def new_pipeline_notes(notes: list[Note], today: date) -> list[Document]:
	"""Notes on leads, prospects and opportunities are rows in their forms."""
	documents = []
	numbers: dict[str, int] = defaultdict(int)
	for note in sorted(notes, key=lambda note: (-note.back, note.minute)):
		doctype = getattr(note.about, "doctype", "Opportunity")
		numbers[note.about.document_name] += 1
		written_at = moment(today, note.back, note.minute)
		documents.append(
			bulk.new(
				"CRM Note",
				written_at,
				user_of(note.author),
				note=html(note.text),
				added_by=user_of(note.author),
				added_on=written_at,
				parenttype=doctype,
				parent=note.about.document_name,
				parentfield="notes",
				idx=numbers[note.about.document_name],
			)
		)
	return documents


def new_call(call: Call, today: date, plan: Plan) -> Document:
	started = moment(today, call.back, call.minute)
	key = plan.source.key()
	ours, theirs = "+44 117 496 0200", call.contact.phone
	document = bulk.new(
		"Call Log",
		started,
		"Administrator",
		name=key,
		id=key,
		status="Completed",
		type="Incoming" if call.incoming else "Outgoing",
		medium="Telephone system",
		duration=call.seconds,
		start_time=started,
		end_time=started + timedelta(seconds=call.seconds),
		customer=call.customer.document_name,
		employee_user_id=user_of(call.colleague),
		summary=call.summary,
		**{"from": theirs if call.incoming else ours, "to": ours if call.incoming else theirs},
	)
	document.append("links", {"link_doctype": "Customer", "link_name": call.customer.document_name})
	return document


def new_issues(issues: list[Issue], today: date, contacts: dict[str, str]) -> list[Document]:
	documents = []
	for issue in sorted(issues, key=lambda issue: (-issue.back, issue.minute)):
		document = new_issue(issue, today, contacts)
		with at(document.creation, document.owner):
			document.set_new_name()
			document.validate()
		documents.append(document)
	return documents


def new_issue(issue: Issue, today: date, contacts: dict[str, str]) -> Document:
	opened = moment(today, issue.back, issue.minute)
	solved = issue.status in ("Closed", "Resolved")
	return bulk.new(
		"Issue",
		opened,
		"Administrator",
		subject=issue.subject,
		description=html(issue.text),
		issue_type=issue.issue_type,
		priority=issue.priority,
		status=issue.status,
		customer=issue.customer.document_name,
		contact=contacts[issue.contact.email],
		raised_by=issue.contact.email,
		company=catalogue.COMPANY,
		opening_date=opened.date(),
		opening_time=opened.time(),
		first_responded_on=opened + timedelta(hours=2) if issue.status != "Open" else None,
		resolution_details=html(phrases.ISSUE_ANSWER) if solved else None,
		sla_resolution_date=opened + timedelta(hours=6) if solved else None,
	)
