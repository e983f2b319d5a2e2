"""What leavers said in their exit interviews, for management: no names, and nothing that one person could be told by.

Leavers are counted in groups of three, in the order in which they spoke, so that nobody finds out what the newest one said
by comparing the report of yesterday with that of today. Reasons that fewer than three gave are counted together. What was
said in words comes in the order of the alphabet, with the leaver's own names taken out.
"""

import re
from collections import Counter

import frappe
from frappe import _

from crm_transparency.crm_transparency import managers, sealed_texts

ENDING = "Offboarding Farewell"
OFFBOARDING = "Offboarding"
FEWEST = 3
NAME_TAKEN_OUT = "…"


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Return columns, rows and a note. Raises PermissionError for whoever isn't a manager."""
	if not managers.is_manager():
		frappe.throw(
			_("This is for people with one of the roles {0}.").format(managers.roles_in_words()),
			exc=frappe.PermissionError,
		)
	spoken = whole_groups(feedback())
	return columns(), [*reasons(spoken), *words(spoken)], note(spoken)


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


def whole_groups(spoken: list[frappe._dict]) -> list[frappe._dict]:
	return spoken[: len(spoken) // FEWEST * FEWEST]


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


def words(spoken: list[frappe._dict]) -> list[dict]:
	rows = []
	for field, question in (("good", _("What was good")), ("better", _("What could be better"))):
		said = sorted(without_names(sealed_texts.unseal(one[field]), one) for one in spoken if one[field])
		if len(said) >= FEWEST:
			rows += [{"question": question, "answer": answer} for answer in said]
	return rows


def without_names(text: str, leaver: frappe._dict) -> str:
	names = [name for name in re.split(r"\W+", leaver.employee_name or "") if len(name) > 1]
	if not names:
		return text
	return re.sub(rf"\b({'|'.join(map(re.escape, names))})\b", NAME_TAKEN_OUT, text, flags=re.IGNORECASE)


def note(spoken: list[frappe._dict]) -> str | None:
	if spoken:
		return _("Leavers are counted in groups of {0}, so the newest may not be among them yet.").format(
			FEWEST
		)
	return _("Nothing is shown before {0} leavers have said something.").format(FEWEST)
