"""A mail to each successor about what they take over: one for a transfer, and one for what is added later.

What somebody was told of besides accounts is recorded in the transaction that queues the mail: nothing is told twice.
"""

from collections.abc import Iterable
from urllib.parse import urlencode

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder.functions import Count
from frappe.utils import escape_html, get_fullname, get_url, get_url_to_form

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.database import is_one_of
from crm_transparency.offboarding import mail_once, plan_rows, reader_limits
from crm_transparency.offboarding.handover_belongings import KINDS
from crm_transparency.offboarding.offboarding_records import ACCOUNT, BELONGING, DONE, MAIL, OFFBOARDING
from crm_transparency.transfers.transfer_constants import ITEM, TRANSFERRED

#: functions of other rooms and apps, called with DocType and name of an account: [(label, address)] worth knowing for
#: whoever gets it, such as its briefing
HOOK = "transparency_links_for_successors"
ACCOUNTS_LISTED = 100
BELONGINGS_LISTED = 200
HIGH_CARD = "High Card"


def kind_of(plan: Document | frappe._dict, user: str) -> str:
	return f"handover summary {plan.account_transfer or ''} {user}"


def kind_of_next(plan: Document, user: str) -> str:
	"""Return the kind of the next mail about what was added; the first one is the summary."""
	number = 2
	while mail_once.was_sent(plan.name, f"{kind_of(plan, user)} {number}"):
		number += 1
	return f"{kind_of(plan, user)} {number}"


def send(plan: Document) -> int:
	"""Mail each successor what they got and weren't told yet; return how many mails were queued.

	Call this with the plan locked, so that of two processes the second sees what the first sent.
	"""
	offboarding = frappe.get_doc(OFFBOARDING, plan.name)
	accounts, things = accounts_by_successor(plan), untold_belongings(plan.name, for_update=True)
	return sum(
		tell(plan, offboarding, user, accounts.get(user, 0), things.get(user, []))
		for user in sorted({*without_summary(plan, accounts), *things})
	)


def tell(plan: Document, offboarding: Document, user: str, accounts: int, things: list[frappe._dict]) -> bool:
	email, language = frappe.db.get_value("User", user, "email"), formatting.language_of(user)
	if mail_once.was_sent(plan.name, kind_of(plan, user)):
		kind = kind_of_next(plan, user)
		subject = _("More items you are taking over from {0}", lang=language).format(
			offboarding.employee_name
		)
		message = addition_written(offboarding, user, things, language)
	else:
		kind = kind_of(plan, user)
		subject = _("What you are taking over from {0}", lang=language).format(offboarding.employee_name)
		message = written(plan, offboarding, user, accounts, things, language)
	if not mail_once.try_to_send_once(offboarding, kind, [email], subject, message):
		return False
	if things:
		row = frappe.qb.DocType(BELONGING)
		names = is_one_of(row.name, [thing.name for thing in things])
		frappe.qb.update(row).set(row.is_told, 1).where(names).run()
	return True


def not_told(plan: Document | frappe._dict) -> list[str]:
	"""Return who got something that no mail told them of."""
	return sorted({*without_summary(plan, accounts_by_successor(plan)), *untold_belongings(plan.name)})


def without_summary(plan: Document | frappe._dict, successors: Iterable[str]) -> list[str]:
	"""Return those of the successors, who got accounts, that got no summary."""
	return [user for user in successors if not mail_once.was_sent(plan.name, kind_of(plan, user))]


def accounts_by_successor(plan: Document) -> dict[str, int]:
	if not plan.account_transfer:
		return {}
	item = frappe.qb.DocType(ITEM)
	return dict(
		frappe.qb.from_(item)
		.select(item.to_user, Count("*"))
		.where((item.account_transfer == plan.account_transfer) & (item.status == TRANSFERRED))
		.groupby(item.to_user)
		.run()
	)


def untold_belongings(offboarding: str, for_update: bool = False) -> dict[str, list[frappe._dict]]:
	"""Return what went to whom and wasn't told. With `for_update` as it is now, and not when the transaction began."""
	row = frappe.qb.DocType(BELONGING)
	query = (
		frappe.qb.from_(row)
		.select(row.name, row.kind, row.title, row.reference_doctype, row.reference_name, row.went_to)
		.where((row.offboarding == offboarding) & (row.status == DONE) & (row.is_told == 0))
		.where(row.went_to.isnotnull() & row.before.isnotnull())
		.orderby(row.kind, row.title)
	)
	found: dict[str, list[frappe._dict]] = {}
	for thing in (query.for_update() if for_update else query).run(as_dict=True):
		found.setdefault(thing.went_to, []).append(thing)
	return found


def written(
	plan: Document,
	offboarding: Document,
	user: str,
	accounts: int,
	things: list[frappe._dict],
	language: str,
) -> str:
	"""Return the mail's text, in the successor's language."""
	sentence = _("{0} is leaving. You are taking over {1} and {2}.", lang=language).format(
		escape_html(offboarding.employee_name),
		formatting.count(accounts, _("1 account", lang=language), _("{0} accounts", lang=language)),
		other_items(things, language),
	)
	parts = [greeting(user, language), f"<p>{sentence}</p>"]
	if accounts:
		parts.append(account_table(plan, user, accounts, language))
	if things:
		parts.append(thing_list(things, user, language))
	return "\n".join(parts)


def addition_written(offboarding: Document, user: str, things: list[frappe._dict], language: str) -> str:
	sentence = _("{0} is leaving. You are also taking over {1}.", lang=language).format(
		escape_html(offboarding.employee_name), other_items(things, language)
	)
	return "\n".join([greeting(user, language), f"<p>{sentence}</p>", thing_list(things, user, language)])


def other_items(things: list[frappe._dict], language: str) -> str:
	one, many = _("1 other item", lang=language), _("{0} other items", lang=language)
	return formatting.count(len(things), one, many)


def greeting(user: str, language: str) -> str:
	return f"<p>{_('Hello {0},', lang=language).format(escape_html(get_fullname(user)))}</p>"


def account_table(plan: Document, user: str, accounts: int, language: str) -> str:
	rows = [account_row(row, language) for row in best_accounts(plan, user)]
	head = (
		_("Account", lang=language),
		_("Open business", lang=language),
		_("More information", lang=language),
	)
	table = "<table><tr>{}</tr>{}</table>".format(
		"".join(f"<th align='left'>{escape_html(label)}</th>" for label in head), "".join(rows)
	)
	if accounts > len(rows):
		query = urlencode({"account_transfer": plan.account_transfer, "new_owner": user})
		link = get_url(f"/app/account-owner-change?{query}")
		sentence = _("All {0} accounts", lang=language).format(formatting.number(accounts))
		table += f"<p><a href='{escape_html(link)}'>{escape_html(sentence)}</a></p>"
	return table


def best_accounts(plan: Document, user: str) -> list[frappe._dict]:
	"""Return the accounts that went to somebody: key accounts first, then by value."""
	item, row = frappe.qb.DocType(ITEM), frappe.qb.DocType(ACCOUNT)
	rows = (
		frappe.qb.from_(row)
		.inner_join(item)
		.on((item.reference_doctype == row.reference_doctype) & (item.reference_name == row.reference_name))
		.select(
			row.reference_doctype,
			row.reference_name,
			row.account_title,
			row.open_business,
			row.is_key_account,
		)
		.where((row.offboarding == plan.name) & (row.successor == user))
		.where((item.account_transfer == plan.account_transfer) & (item.status == TRANSFERRED))
		.where(item.to_user == user)
		.orderby(row.is_key_account, row.worth, order=frappe.qb.desc)
		.orderby(row.name)
		.limit(ACCOUNTS_LISTED)
		.run(as_dict=True)
	)
	plan_rows.as_seen(rows, plan.leaver, user)
	return rows


def account_row(row: frappe._dict, language: str) -> str:
	link = get_url_to_form(row.reference_doctype, row.reference_name)
	title = f"<a href='{escape_html(link)}'>{escape_html(row.account_title)}</a>"
	if row.is_key_account:
		title += f" <b>({escape_html(_('key account', lang=language))})</b>"
	links = [
		f"<a href='{escape_html(address)}'>{escape_html(label)}</a>"
		for label, address in links_for(row.reference_doctype, row.reference_name, language)
	]
	return (
		f"<tr><td>{title}</td><td>{escape_html(row.open_business or '')}</td><td>{', '.join(links)}</td></tr>"
	)


def links_for(doctype: str, name: str, language: str) -> list[tuple[str, str]]:
	"""Return links about an account: its high cards, and what other rooms offer, such as its briefing."""
	links = []
	if frappe.db.exists("DocType", HIGH_CARD, cache=True):
		about = {"reference_doctype": doctype, "reference_name": name}
		if cards := frappe.db.count(HIGH_CARD, about):
			address = get_url(f"/app/high-card?{urlencode(about)}")
			links.append((_("{0} high cards", lang=language).format(cards), address))
	for function in frappe.get_hooks(HOOK):
		links += frappe.get_attr(function)(doctype, name)
	return links


def thing_list(things: list[frappe._dict], user: str, language: str) -> str:
	lines = []
	reader_limits.hide(things, user)
	for row in things[:BELONGINGS_LISTED]:
		is_document = not frappe.get_meta(row.reference_doctype).istable
		link = get_url_to_form(row.reference_doctype, row.reference_name) if is_document else None
		title = escape_html(row.title)
		label = escape_html(KINDS[row.kind].label())
		lines.append(
			f"<li>{label}: " + (f"<a href='{escape_html(link)}'>{title}</a>" if link else title) + "</li>"
		)
	more = len(things) - len(lines)
	if more > 0:
		lines.append(f"<li>{escape_html(_('and {0} more', lang=language).format(more))}</li>")
	return f"<ul>{''.join(lines)}</ul>"


def are_all_sent(plan: Document | frappe._dict) -> bool:
	"""Return whether the successors were told of everything up to now."""
	return bool(sent_to(plan)) and not not_told(plan)


def in_words(plan: Document | frappe._dict) -> list[str]:
	"""Return the addresses that summaries go to, each with what became of it."""
	mails = mail_once.deliveries(plan.name, f"{kind_of(plan, '')}%")
	return list(dict.fromkeys(f"{mail.recipient} ({_(mail.status)})" for mail in mails))


def sent_to(plan: Document | frappe._dict) -> list[str]:
	"""Return the addresses that the summaries of the plan's present transfer went to."""
	filters = {"offboarding": plan.name, "kind": ("like", f"{kind_of(plan, '')}%")}
	addresses = frappe.get_all(MAIL, filters=filters, pluck="recipient", order_by="creation")
	return list(dict.fromkeys(addresses))
