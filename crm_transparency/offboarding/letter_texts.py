"""Letters and mails of an offboarding: HR's templates, the defaults, and filling them in, in the leaver's language.

Templates are Jinja, restricted to names and conditions: Frappe's own templates can query the database, and any Jinja can be
made to run for hours, while these are written by people who mustn't read everything or stop the site.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cstr, format_date, get_fullname, today
from jinja2 import TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from markupsafe import Markup

from crm_transparency.crm_transparency.formatting import speaking
from crm_transparency.offboarding import leaver_details
from crm_transparency.offboarding.exceptions import StepNotPossible

INVITATION, REAFFIRMATION = "Invitation", "Reaffirmation"
THANK_YOU, FAREWELL = "Thank You", "Farewell Note"

#: subject and text by language and letter
DEFAULTS: dict[str, dict[str, tuple[str, str]]] = {
	"en": {
		INVITATION: (
			"An invitation to your exit interview",
			"<p>Dear {{ first_name }},</p>"
			"<p>Thank you for telling us that you are leaving. We would like to hear how your time with us was, what we "
			"can do better, and what you are looking forward to.</p>"
			"<p><b>{{ starts_on }}</b>{% if place %}, {{ place }}{% endif %}, with {{ sender_name }}. The invitation for "
			"your calendar is attached.</p>"
			"<p>Also attached is a one-page letter. {% if signed_on %}It asks for nothing new: it reminds you of what you "
			"agreed to on {{ signed_on }}.{% else %}It is about keeping what you learned here confidential.{% endif %} "
			"Please confirm that you have read it. You don't need to log in:</p>"
			'<p><a href="{{ link }}">Read and confirm the letter</a></p>'
			"<p>If you have any questions about it, just bring them along.</p>"
			"<p>Best regards<br>{{ sender_name }}</p>",
		),
		REAFFIRMATION: (
			"Confidentiality after you leave",
			"<p>{{ today }}</p><p>Dear {{ employee_name }},</p>"
			"<p>You are leaving {{ company }}{% if last_working_day %}; your last working day is {{ last_working_day }}"
			"{% endif %}. While you worked here, you were trusted with information about our customers and our business. "
			"This letter reminds you that this information stays confidential after you leave.{% if signed_on %} It changes "
			"nothing: it is what you agreed to on {{ signed_on }}.{% endif %}</p>"
			"{% if policy_text %}<p><b>{{ policy_title }}, version {{ policy_version }}:</b></p>"
			"<blockquote>{{ policy_text }}</blockquote>{% endif %}"
			"<p>What you know and can do is yours, and so are the people you like. Lists of customers and contacts, prices, "
			"offers and plans belong to the company and stay here, whatever they are written on or stored in. If you have any "
			"of that at home or on a device of your own, please return or delete it before you leave.</p>"
			"<p>We wish you all the best.</p><p>{{ sender_name }}<br>{{ company }}</p>",
		),
		THANK_YOU: (
			"Thank you, {{ first_name }}",
			"<p>Dear {{ first_name }},</p>"
			"<p>Thank you for what you did here, for our customers and for your colleagues. It was good to have you with us, "
			"and we would be glad to hear from you.</p><p>All the best<br>{{ sender_name }}</p>",
		),
		FAREWELL: (
			"{{ employee_name }} is moving on",
			"<p>Dear colleagues,</p>"
			"<p>{{ employee_name }} is leaving us{% if last_working_day %}; the last day is {{ last_working_day }}{% endif %}. "
			"Thank you, {{ first_name }}, for everything. Take the chance to say goodbye.</p>"
			"<p>{{ sender_name }}</p>",
		),
	},
	"de": {
		INVITATION: (
			"Einladung zum Austrittsgespräch",
			"<p>Guten Tag {{ employee_name }},</p>"
			"<p>danke, dass Sie uns gesagt haben, dass Sie gehen. Wir möchten gerne hören, wie die Zeit bei uns war, was wir "
			"besser machen können und worauf Sie sich freuen.</p>"
			"<p><b>{{ starts_on }}</b>{% if place %}, {{ place }}{% endif %}, mit {{ sender_name }}. Die Einladung für Ihren "
			"Kalender ist angehängt.</p>"
			"<p>Ebenfalls angehängt ist ein Brief von einer Seite. {% if signed_on %}Er verlangt nichts Neues: Er erinnert an "
			"das, dem Sie am {{ signed_on }} zugestimmt haben.{% else %}Darin geht es um die Vertraulichkeit dessen, was Sie "
			"hier erfahren haben.{% endif %} Bitte bestätigen Sie hier, ohne Anmeldung, dass Sie ihn gelesen haben:</p>"
			'<p><a href="{{ link }}">Den Brief lesen und bestätigen</a></p>'
			"<p>Wenn Sie dazu eine Frage haben, bringen Sie sie einfach mit.</p>"
			"<p>Mit freundlichen Grüßen<br>{{ sender_name }}</p>",
		),
		REAFFIRMATION: (
			"Vertraulichkeit nach Ihrem Austritt",
			"<p>{{ today }}</p><p>Guten Tag {{ employee_name }},</p>"
			"<p>Sie verlassen {{ company }}{% if last_working_day %}; Ihr letzter Arbeitstag ist der {{ last_working_day }}"
			"{% endif %}. Während Ihrer Arbeit wurden Ihnen Informationen über unsere Kunden und unser Geschäft anvertraut. "
			"Dieser Brief erinnert daran, dass sie auch nach Ihrem Austritt vertraulich bleiben.{% if signed_on %} Er ändert "
			"nichts: Sie haben dem am {{ signed_on }} zugestimmt.{% endif %}</p>"
			"{% if policy_text %}<p><b>{{ policy_title }}, Version {{ policy_version }}:</b></p>"
			"<blockquote>{{ policy_text }}</blockquote>{% endif %}"
			"<p>Was Sie wissen und können, gehört Ihnen, und ebenso die Menschen, die Sie mögen. Listen von Kunden und "
			"Kontakten, Preise, Angebote und Pläne gehören dem Unternehmen und bleiben hier, gleich worauf sie stehen. Falls "
			"Sie davon etwas zu Hause oder auf einem eigenen Gerät haben, geben Sie es bitte vor dem letzten Tag zurück oder "
			"löschen Sie es.</p><p>Wir wünschen Ihnen alles Gute.</p><p>{{ sender_name }}<br>{{ company }}</p>",
		),
		THANK_YOU: (
			"Danke, {{ first_name }}",
			"<p>Guten Tag {{ employee_name }},</p>"
			"<p>danke für alles, was Sie hier für unsere Kunden und für die Kolleginnen und Kollegen getan haben. Es war gut, "
			"Sie bei uns zu haben, und wir freuen uns, von Ihnen zu hören.</p><p>Alles Gute<br>{{ sender_name }}</p>",
		),
		FAREWELL: (
			"{{ employee_name }} verlässt uns",
			"<p>Liebe Kolleginnen und Kollegen,</p>"
			"<p>{{ employee_name }} verlässt uns{% if last_working_day %}; der letzte Tag ist der {{ last_working_day }}"
			"{% endif %}. Danke für alles, {{ first_name }}. Nutzt die Gelegenheit, euch zu verabschieden.</p>"
			"<p>{{ sender_name }}</p>",
		),
	},
}


LONGEST_TEMPLATE = 20_000
ALLOWED = (
	nodes.Template,
	nodes.Output,
	nodes.TemplateData,
	nodes.Name,
	nodes.Getattr,
	nodes.If,
	nodes.Not,
	nodes.And,
	nodes.Or,
)
TEXT = "Offboarding Text"
FALLBACK = "en"


def fill_in(template: str, values: dict, as_html: bool = True) -> str:
	"""Return a template filled with values; `as_html` escapes them for HTML.

	Raises StepNotPossible with the reason for whatever isn't a template of this kind.
	"""
	if len(template) > LONGEST_TEMPLATE:
		frappe.throw(_("This template is too long."), exc=StepNotPossible)
	environment = ImmutableSandboxedEnvironment(autoescape=as_html)
	environment.globals.clear()
	try:
		tree = environment.parse(template)
		check_template(tree)
		return environment.from_string(tree).render(values)
	except (TemplateError, SecurityError, TypeError, RecursionError) as error:
		frappe.throw(_("This template can't be filled in: {0}").format(cstr(error)), exc=StepNotPossible)


def check_template(tree: nodes.Template) -> None:
	others = {type(node).__name__ for node in tree.find_all(nodes.Node) if not isinstance(node, ALLOWED)}
	if others:
		frappe.throw(
			_(
				"Templates can contain names in double braces, and parts between if and endif, but no {0}."
			).format(", ".join(sorted(others))),
			exc=StepNotPossible,
		)


def add_defaults() -> None:
	"""Add the default texts that the site doesn't have."""
	for language, letters in DEFAULTS.items():
		for letter, (subject, text) in letters.items():
			if frappe.db.exists("Language", language) and not frappe.db.exists(
				TEXT, {"letter": letter, "language": language}
			):
				frappe.get_doc(
					doctype=TEXT, letter=letter, language=language, subject=subject, text=text
				).insert(ignore_permissions=True)


def write(letter: str, language: str, words: dict[str, str | None]) -> tuple[str, str]:
	"""Return a letter's subject, and its text as HTML. `words` are plain text, except `policy_text`, which is HTML."""
	subject, text = template_of(letter, language)
	plain = {word: value or "" for word, value in words.items()}
	in_html = {**plain, "policy_text": Markup(plain.get("policy_text", ""))}
	in_one_line = " ".join(fill_in(subject, plain, as_html=False).split())
	return in_one_line, fill_in(text, in_html)


def template_of(letter: str, language: str) -> tuple[str, str]:
	"""Return subject and text of a letter in a language, else in its base language, else in English."""
	for wanted in (language, language.split("-")[0], FALLBACK):
		own = frappe.db.get_value(TEXT, {"letter": letter, "language": wanted}, ["subject", "text"])
		if own or letter in DEFAULTS.get(wanted, {}):
			return own or DEFAULTS[wanted][letter]
	frappe.throw(frappe._("There is no text for {0}. Please add one to {1}.").format(letter, frappe._(TEXT)))


def values_for(offboarding: Document, language: str) -> dict[str, str | None]:
	"""Return the values that every letter of an offboarding can use."""
	with speaking(language):
		return {
			"employee_name": offboarding.employee_name,
			"first_name": (offboarding.employee_name or "").split(" ")[0],
			"company": leaver_details.company_name(offboarding),
			"last_working_day": day_in_words(offboarding.last_working_day),
			"resignation_date": day_in_words(offboarding.resignation_date),
			"sender_name": get_fullname(frappe.session.user),
			"today": day_in_words(today()),
		}


def day_in_words(date: object) -> str | None:
	"""Return a date written out in the current language; None for no date."""
	return format_date(date, "d MMMM yyyy") if date else None
