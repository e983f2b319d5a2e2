"""Commands of the bench."""

import os
import sys

import click
import frappe
from frappe.commands import pass_context


@click.command("verify-transparency-ledgers")
@click.option("--head", "heads", multiple=True, help="A chain hash held outside: is it part of this chain?")
@click.option(
	"--export",
	"export_to",
	type=click.Path(dir_okay=False),
	help="Write what is verified to this file, as JSON lines.",
)
@pass_context
def verify_transparency_ledgers(context, heads: tuple[str, ...], export_to: str | None) -> None:
	"""Recompute all seals and name the first entry that was altered, removed, inserted or re-ordered.

	Ends with exit code 1 if something was found.
	"""
	if export_to and len(context.sites) > 1:
		raise click.UsageError("--export takes the ledgers of one site. Please name it with --site.")
	try:
		found = [_verify(site, heads, export_to) for site in context.sites]
	except OSError as error:
		if not export_to:
			raise
		raise click.BadParameter(
			f"{export_to} can't be written: {error.strerror}.", param_hint="--export"
		) from error
	sys.exit(1 if any(found) else 0)


def _verify(site: str, heads: tuple[str, ...], export_to: str | None) -> bool:
	"""Print a site's report; return whether something was found."""
	from crm_transparency.ledger import chain, verification

	heads = tuple(head.lower() for head in heads)
	if not all(chain.is_chain_hash(head) for head in heads):
		raise click.BadParameter("A chain hash has 64 hexadecimal digits.", param_hint="--head")
	frappe.init(site=site)
	frappe.connect()
	try:
		report = verification.verify(heads, export_to)
		for line in report.lines(frappe._):
			click.echo(line)
		if export_to:
			click.echo(frappe._("The export is in {0}.").format(os.path.abspath(export_to)))
		return not report.is_clean
	finally:
		frappe.destroy()


@click.command("check-transparency")
@pass_context
def check_transparency(context) -> None:
	"""Check that this version of Frappe has all functions that the app replaces, and say what is refused if not.

	Ends with exit code 1 if something is missing.
	"""
	sys.exit(1 if any([_check(site) for site in context.sites]) else 0)


def _check(site: str) -> bool:
	"""Print a site's result; return whether something is missing."""
	from crm_transparency.crm_transparency import patching

	frappe.init(site=site)
	frappe.connect()
	try:
		for patch in patching.patches():
			click.echo(f"{'ok' if patching.holder_of(patch.target) else 'MISSING':8}{patch.target}")
		sentences = patching.sentences()
		for sentence in sentences:
			click.secho(sentence, fg="yellow")
		return bool(sentences)
	finally:
		frappe.destroy()


commands = [verify_transparency_ledgers, check_transparency]
