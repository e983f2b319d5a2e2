"""What permission hooks return, where Frappe's versions differ."""

import frappe

IS_V15 = frappe.__version__.startswith("15.")


def pass_on() -> bool | None:
	"""Return what leaves the decision to others.

	On v15 the first hook that returns anything but None decides, so True would silence other apps' denials; from v16
	on every hook has to return something true, and None denies.
	"""
	return None if IS_V15 else True


def quoted(text: str) -> str:
	"""Return `text` as SQL that a `permission_query_conditions` hook can put into its condition.

	From v16 on Frappe hands the condition to the driver together with values, where a percent sign has to be doubled;
	v15 hands over none, so there it stands for itself.
	"""
	return frappe.db.escape(text, percent=not IS_V15)
