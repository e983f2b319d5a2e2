"""What a `has_permission` hook returns when it has nothing against a document."""

import frappe


def pass_on() -> bool | None:
	"""Return what leaves the decision to others.

	On v15 the first hook that returns anything but None decides, so True would silence other apps' denials; from v16
	on every hook has to return something true, and None denies.
	"""
	return None if frappe.__version__.startswith("15.") else True
