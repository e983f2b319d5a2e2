"""Templates of letters: plain names in a text, and parts that depend on whether a name is there.

They are Jinja, but of its grammar they may use these two things only. Frappe's own templates can ask the database, and any
Jinja can be made to compute for hours; these are written by people who mustn't read everything or stop the site.
"""

import frappe
from frappe import _
from frappe.utils import cstr
from jinja2 import TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

from crm_transparency.offboarding.exceptions import StepNotPossible

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


def fill_in(template: str, values: dict, as_html: bool = True) -> str:
	"""Fill names into a template; `as_html` takes them for plain text that goes into HTML.

	Raises StepNotPossible, saying why, for whatever isn't a template of this kind.
	"""
	if len(template) > LONGEST_TEMPLATE:
		frappe.throw(_("This letter is too long for a template."), exc=StepNotPossible)
	environment = ImmutableSandboxedEnvironment(autoescape=as_html)
	environment.globals.clear()
	try:
		tree = environment.parse(template)
		check(tree)
		return environment.from_string(tree).render(values)
	except (TemplateError, SecurityError, TypeError, RecursionError) as error:
		frappe.throw(_("The letter can't be filled in: {0}").format(cstr(error)), exc=StepNotPossible)


def check(tree: nodes.Template) -> None:
	others = {type(node).__name__ for node in tree.find_all(nodes.Node) if not isinstance(node, ALLOWED)}
	if others:
		frappe.throw(
			_("Letters hold names in double braces, and parts between if and endif, but no {0}.").format(
				", ".join(sorted(others))
			),
			exc=StepNotPossible,
		)
