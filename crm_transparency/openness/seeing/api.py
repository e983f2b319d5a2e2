"""What forms, the page of a refusal and the Openness Report ask.

The arguments that name a document aren't called doctype and name: a request that names a hidden document is refused
before it gets here, and that would tell that there is one.
"""

import frappe

from crm_transparency.crm_transparency import managers
from crm_transparency.openness.complexity import proposal
from crm_transparency.openness.seeing import answers, snapshots

WORKS_HERE = "Desk User"


@frappe.whitelist(methods=["GET"])
def who_can_see(of_doctype: str, of_name: str) -> answers.WhoCanSee:
	"""Return who can read a document that the asker can read; see `answers.who_can_see`."""
	frappe.only_for(WORKS_HERE)
	return answers.who_can_see(of_doctype, of_name)


@frappe.whitelist(methods=["GET"])
def why_not(of_doctype: str, of_name: str, person: str | None = None) -> answers.WhyNot:
	"""Return why the asker, or somebody a manager asks for, can't read a document; see `answers.why_not`."""
	frappe.only_for(WORKS_HERE)
	return answers.why_not(of_doctype, of_name, person or None)


@frappe.whitelist(methods=["POST"])
def count_now() -> bool:
	"""Count for the Openness Report now; return whether that is done, or goes on in the background."""
	frappe.only_for(managers.MANAGER_ROLES)
	return snapshots.count_now()


@frappe.whitelist(methods=["GET"])
def simplest_equivalent_set() -> proposal.Proposal:
	"""Return the rules there are, and the simplest that would close the same; see `proposal.propose`."""
	frappe.only_for(managers.MANAGER_ROLES)
	return proposal.propose()
