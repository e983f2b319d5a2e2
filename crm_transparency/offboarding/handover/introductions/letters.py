"""The wording of introductions: a template with a few names in it.

Templates are Jinja, in a sandbox of their own that knows these names and nothing else. Frappe's own templates can ask
the database; these are written by people who mustn't read everything.
"""

from html import unescape

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cstr, format_date, get_fullname, strip_html
from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

from crm_transparency.crm_transparency import registry
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.handover.introductions.recipients import Recipient
from crm_transparency.offboarding.handover.words import JOINTLY

LONGEST_TEMPLATE = 20_000
LONGEST_SUBJECT = 140
LOOPS_REFUSED = ("{% for", "{%- for", "{%for", "{%-for")


def render(template: str, values: dict, as_html: bool = True) -> str:
	"""Fill names into a template. Raises StepNotPossible, saying why, if it isn't one."""
	if len(template) > LONGEST_TEMPLATE:
		frappe.throw(_("This letter is too long for a template."), exc=StepNotPossible)
	if any(loop in template for loop in LOOPS_REFUSED):
		frappe.throw(_("Letters can't repeat parts. Please take the loop out."), exc=StepNotPossible)
	try:
		return ImmutableSandboxedEnvironment(autoescape=as_html).from_string(template).render(values)
	except (TemplateError, SecurityError, TypeError, ArithmeticError) as error:
		frappe.throw(_("The letter can't be filled in: {0}").format(cstr(error)), exc=StepNotPossible)


def wording(plan: Document, language: str | None) -> tuple[str, str]:
	"""Return the templates of subject and letter: the plan's own, the settings' Email Template, or ours."""
	if plan.subject and plan.message:
		return plan.subject, plan.message
	chosen = frappe.db.get_single_value(registry.SETTINGS, "introduction_template")
	if chosen and frappe.db.exists("Email Template", chosen):
		template = frappe.get_doc("Email Template", chosen)
		message = template.response_html if template.use_html else template.response
		return template.subject or default_subject(language), message or default_letter(plan.voice, language)
	return default_subject(language), default_letter(plan.voice, language)


def default_subject(language: str | None) -> str:
	return _("{{ successor.full_name }} will be your contact at {{ company }}", lang=language)


def default_letter(voice: str, language: str | None) -> str:
	paragraphs = [
		_("Dear {{ contact.full_name }},", lang=language),
		_(
			"I am leaving {{ company }}{% if last_day %}; my last day is {{ last_day }}{% endif %}. Thank you for "
			"working with me, and for your trust.",
			lang=language,
		),
		_(
			"From now on {{ successor.full_name }} looks after you. {{ successor.first_name }} gets this mail, too: "
			"just answer it, or write to {{ successor.email }}{% if successor.phone %} or call "
			"{{ successor.phone }}{% endif %}.",
			lang=language,
		),
	]
	if voice == JOINTLY:
		paragraphs.append(
			_(
				"I look forward to working with you. I will get in touch soon, and you can reach me at any time. – "
				"{{ successor.full_name }}",
				lang=language,
			)
		)
	paragraphs.append(_("Kind regards", lang=language) + "<br>{{ leaver.full_name }}")
	if voice == JOINTLY:
		paragraphs[-1] += "<br>{{ successor.full_name }}"
	return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def values_for(
	plan: Document, facts: frappe._dict, account_title: str, recipient: Recipient, to: str
) -> dict:
	"""Return the names that a letter can hold."""
	return {
		"contact": {"first_name": recipient.first_name, "full_name": recipient.full_name},
		"customer": account_title,
		"leaver": colleague(plan.leaver),
		"successor": colleague(to),
		"company": company_of(facts),
		"last_day": format_date(facts.last_working_day) if facts.last_working_day else "",
	}


def colleague(user: str) -> dict[str, str]:
	fields = ["first_name", "email", "phone", "mobile_no"]
	row = frappe.db.get_value("User", user, fields, as_dict=True) or frappe._dict()
	return {
		"first_name": row.first_name or get_fullname(user),
		"full_name": get_fullname(user),
		"email": row.email or user,
		"phone": row.phone or row.mobile_no or "",
	}


def company_of(facts: frappe._dict) -> str:
	company = facts.employee and frappe.db.get_value("Employee", facts.employee, "company")
	return company or frappe.db.get_default("company") or _("our company")


def language_of(doctype: str, name: str) -> str | None:
	"""Return the language that an account is written to in; the site's if it has none."""
	own = registry.has_column(doctype, "language") and frappe.db.get_value(doctype, name, "language")
	return own or frappe.db.get_single_value("System Settings", "language")


def written(
	plan: Document, facts: frappe._dict, account: frappe._dict, recipient: Recipient
) -> dict[str, str]:
	"""Return subject and letter for an account of the plan."""
	language = language_of(account.reference_doctype, account.reference_name)
	subject, message = wording(plan, language)
	values = values_for(plan, facts, account.account_title, recipient, account.successor)
	return {
		"subject": in_one_line(render(subject, values, as_html=False))[:LONGEST_SUBJECT],
		"message": frappe.utils.sanitize_html(render(message, values)),
	}


def in_one_line(text: str) -> str:
	return " ".join(unescape(strip_html(text)).split())
