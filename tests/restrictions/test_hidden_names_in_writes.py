"""Attacks: whoever writes with a hidden name is answered as for a name that there isn't."""

import json

import frappe
import pytest

from tests.people_and_accounts import acting_as, make_customer, make_lead
from tests.restrictions.registering import hide_customers
from tests.restrictions.requesting import asked

MISSING = "Nobody's Mill"


def of(name: str, own: str, lead: str) -> dict[str, tuple[str, dict]]:
	"""Return requests that write with a name: a method and its arguments."""
	about = {"reference_doctype": "Customer", "reference_name": name}
	opportunity = {"doctype": "Opportunity", "opportunity_from": "Customer", "party_name": name}
	contact = {
		"doctype": "Contact",
		"first_name": "Mila",
		"links": [{"link_doctype": "Customer", "link_name": name}],
	}
	comment = {"doctype": "Comment", "comment_type": "Comment", "content": "x", **about}
	return {
		"links": ("frappe.client.insert", {"doc": opportunity}),
		"links in a row": ("frappe.client.insert", {"doc": contact}),
		"changes a link": (
			"frappe.client.set_value",
			{"doctype": "Lead", "name": lead, "fieldname": "customer", "value": name},
		),
		"comments": (
			"frappe.desk.form.utils.add_comment",
			{**about, "content": "x", "comment_email": "a@b.example", "comment_by": "A"},
		),
		"inserts a comment": ("frappe.client.insert", {"doc": comment}),
		"follows": (
			"frappe.desk.form.document_follow.update_follow",
			{"doctype": "Customer", "doc_name": name, "following": 1},
		),
		"attaches": ("upload_file", {"doctype": "Customer", "docname": name, "file_url": "/files/x.txt"}),
		"assigns": (
			"frappe.desk.form.assign_to.add",
			{"doctype": "Customer", "name": name, "assign_to": json.dumps(["Administrator"])},
		),
		"tags": ("frappe.desk.doctype.tag.tag.add_tag", {"tag": "x", "dt": "Customer", "dn": name}),
		"renames": ("frappe.client.rename_doc", {"doctype": "Customer", "old_name": name, "new_name": "y"}),
		"renames in a form": (
			"frappe.model.rename_doc.update_document_title",
			{"doctype": "Customer", "docname": name, "name": "y"},
		),
		"merges": (
			"frappe.client.rename_doc",
			{"doctype": "Customer", "old_name": own, "new_name": name, "merge": 1},
		),
		"merges in a form": (
			"frappe.model.rename_doc.update_document_title",
			{"doctype": "Customer", "docname": own, "name": name, "merge": 1},
		),
	}


def answer(method: str, arguments: dict, name: str) -> tuple[str, str]:
	"""Return how a request ends, and all that its sender is told, without the name."""
	frappe.clear_messages()
	frappe.db.savepoint("asked")
	ended = "answered"
	try:
		asked(method, **arguments)
	except Exception as error:
		ended = f"{getattr(error, 'http_status_code', 500)} {type(error).__name__}: {error}"
	told = [str(message.get("message")) for message in map(frappe._dict, frappe.local.message_log)]
	frappe.db.rollback(save_point="asked")
	return ended.replace(name, "NAME"), " ".join(told).replace(name, "NAME")


@pytest.mark.parametrize("kind", of("", "", ""))
def test_a_hidden_name_is_answered_as_one_that_there_isnt(kind, ana, olga):
	hidden, own, lead = make_customer(), make_customer(ana), make_lead(ana)
	hide_customers([hidden.name], olga, user=ana)
	with acting_as(ana):
		method, arguments = of(hidden.name, own.name, lead.name)[kind]
		of_hidden = answer(method, arguments, hidden.name)
		method, arguments = of(MISSING, own.name, lead.name)[kind]
		assert of_hidden == answer(method, arguments, MISSING)
	assert not of_hidden[0].startswith(("answered", "500"))


def test_what_is_seen_can_be_written_about(ana, olga):
	hidden, own = make_customer(), make_customer(ana)
	hide_customers([hidden.name], olga, user=ana)
	with acting_as(ana):
		method, arguments = of(own.name, own.name, "")["comments"]
		assert asked(method, **arguments)["message"]["name"]
		contact = {"doctype": "Contact", "first_name": "Mila"}
		links = [{"link_doctype": "Customer", "link_name": own.name}]
		assert asked("frappe.client.insert", doc={**contact, "links": links})["message"]["name"]
