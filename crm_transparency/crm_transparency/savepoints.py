"""Savepoints that code of other apps may have taken away, by ending the transaction that they were in."""

import frappe

SAVEPOINT_DOES_NOT_EXIST = 1305


def release(save_point: str) -> bool:
	"""Release a savepoint; return whether it was still there. If not, a hook committed or rolled everything back."""
	try:
		frappe.db.release_savepoint(save_point)
	except Exception as error:
		if not is_missing_savepoint(error):
			raise
		return False
	return True


def roll_back_to(save_point: str) -> None:
	"""Go back to a savepoint. Frappe then forgets that the transaction wrote anything before it, and is reminded."""
	writes = frappe.db.transaction_writes
	try:
		frappe.db.rollback(save_point=save_point)
		frappe.db.transaction_writes = writes
	except Exception as error:
		if not is_missing_savepoint(error):
			raise
		# what came after the end of the transaction that the savepoint was in is still to be undone
		frappe.db.rollback()


def is_missing_savepoint(error: Exception) -> bool:
	code = error.args[0] if error.args else None
	return code == SAVEPOINT_DOES_NOT_EXIST or "no such savepoint" in str(error)
