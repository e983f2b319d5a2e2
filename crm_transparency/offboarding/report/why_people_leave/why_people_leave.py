"""What leavers said in their exit interviews, for management: without names, and nothing that identifies a person.

Leavers are counted in groups of three, in the order of their feedback, so that comparing yesterday's report with today's
doesn't reveal what the latest one said. Reasons given by fewer than three are counted together. Comments are in alphabetical
order, with the leaver's own name removed.
"""

import re
from collections import Counter

import frappe
from frappe import _

from crm_transparency.crm_transparency import encryption, staff

ENDING = "Offboarding Farewell"
OFFBOARDING = "Offboarding"
FEWEST = 3
REMOVED_NAME = "…"


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Return columns, rows and a note. Raises PermissionError for whoever isn't a manager."""
	if not staff.is_manager():
		frappe.throw(
			_("This report is for people with one of the roles {0}.").format(staff.roles_in_words()),
			exc=frappe.PermissionError,
		)
	spoken = feedback()
	spoken = spoken[: len(spoken) // FEWEST * FEWEST]
	return columns(), [*reasons(spoken), *comments(spoken)], note(spoken)


def columns() -> list[dict]:
	return [
		{"fieldname": "question", "label": _("Question"), "fieldtype": "Data", "width": 200},
		{"fieldname": "answer", "label": _("Answer"), "fieldtype": "Data", "width": 560},
		{"fieldname": "leavers", "label": _("Leavers"), "fieldtype": "Int", "width": 100},
	]


def feedback() -> list[frappe._dict]:
	ending, offboarding = frappe.qb.DocType(ENDING), frappe.qb.DocType(OFFBOARDING)
	return (
		frappe.qb.from_(ending)
		.inner_join(offboarding)
		.on(offboarding.name == ending.offboarding)
		.select(ending.reason, ending.good, ending.better, offboarding.employee_name)
		.where(ending.feedback_on.isnotnull() & (offboarding.status != "Cancelled"))
		.orderby(ending.feedback_on)
		.orderby(ending.creation)
		.run(as_dict=True)
	)


def reasons(spoken: list[frappe._dict]) -> list[dict]:
	counts = Counter(one.reason for one in spoken if one.reason)
	often = {reason: count for reason, count in counts.items() if count >= FEWEST}
	rows = [
		{"question": _("Main reason"), "answer": _(reason), "leavers": count}
		for reason, count in sorted(often.items(), key=lambda item: (-item[1], item[0]))
	]
	if seldom := sum(counts.values()) - sum(often.values()):
		answer = _("Others, each given by fewer than {0}").format(FEWEST)
		rows.append({"question": _("Main reason"), "answer": answer, "leavers": seldom})
	return rows


def comments(spoken: list[frappe._dict]) -> list[dict]:
	rows = []
	for field, question in (("good", _("What went well")), ("better", _("What could be better"))):
		said = sorted(without_names(encryption.decrypted(one[field]), one) for one in spoken if one[field])
		if len(said) >= FEWEST:
			rows += [{"question": question, "answer": answer} for answer in said]
	return rows


def without_names(text: str, leaver: frappe._dict) -> str:
	names = [name for name in re.split(r"\W+", leaver.employee_name or "") if len(name) > 1]
	if not names:
		return text
	return re.sub(rf"\b({'|'.join(map(re.escape, names))})\b", REMOVED_NAME, text, flags=re.IGNORECASE)


def note(spoken: list[frappe._dict]) -> str | None:
	if spoken:
		return _("Leavers are counted in groups of {0}, so the latest may not be included yet.").format(
			FEWEST
		)
	return _("Nothing is shown until {0} leavers have given feedback.").format(FEWEST)
