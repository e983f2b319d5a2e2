"""The functions of Frappe that the app replaces: one table, one installer. At most 12, each with the reason.

What a hook, an override or a class extension can do is done with it. On v15, where only one app can override a class,
CLASS_METHODS holds what `extend_doctype_class` does on v16; these don't count among the 12.
"""

from functools import cache

import click

from crm_transparency.crm_transparency import patching
from crm_transparency.crm_transparency.patching import HIDDEN_RECORDS, Patch

PATCHES = (
	Patch(
		target="frappe.share.get_shared",
		replacement="crm_transparency.restrictions.shares.without_hidden_documents",
		needed_for=HIDDEN_RECORDS,
		reason="A share opens what permission hooks close: lists add shared documents after all conditions.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
)
CLASS_METHODS: tuple[Patch, ...] = ()


def before_request() -> None:
	install()


def before_job(**_job: object) -> None:
	install()


@cache
def install() -> None:
	"""Replace the functions, once in a process, for all sites that it serves."""
	for patch in patching.patches():
		patching.replace(patch)


def report_missing() -> None:
	"""Say in a terminal, at install and migrate, which functions this version of Frappe lacks."""
	for sentence in patching.sentences():
		click.secho(f"CRM Transparency: {sentence}", fg="yellow")
