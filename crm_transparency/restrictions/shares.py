"""Shares: handing a hidden document to somebody whom a restriction concerns doesn't open it.

Frappe lets a share open what role permissions and conditions close, in lists (v15 and v16) and for one document. A
restriction has a reason and a business owner; whoever shares a document knows neither.
"""

from collections.abc import Callable

import frappe

from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.restrictions.register import in_force


def is_anything_shared(doctype: str, user: str) -> bool:
	"""Answer most questions with one look into an index: v16 asks for shares as soon as a list has a condition."""
	return bool(
		frappe.db.sql(
			"select 1 from `tabDocShare` where share_doctype = %s and (`user` = %s or everyone = 1) limit 1",
			(doctype, user),
		)
	)


def without_hidden_documents(get_shared: Callable) -> Callable:
	"""Stand in `frappe.share.get_shared`."""

	def shared(doctype, user=None, *args, limit=None, **kwargs):
		user = user or frappe.session.user
		if not in_force(user):
			return get_shared(doctype, user, *args, limit=limit, **kwargs)
		if not is_anything_shared(doctype, user):
			return []
		names = get_shared(doctype, user, *args, limit=None, **kwargs)
		seen = visible(doctype, names, user)
		return [name for name in names if str(name) in seen][:limit]

	return shared
