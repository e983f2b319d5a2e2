"""What permission hooks return, where Frappe's versions differ."""

import frappe

IS_V15 = frappe.__version__.startswith("15.")
#: a percent sign by its number, as each database writes it
PERCENT = {"mariadb": "char(37 using utf8mb4)", "sqlite": "char(37)", "postgres": "chr(37)"}
#: what is put together from parts has no collation on MariaDB; this is the one of Frappe's tables
COLLATION = {"mariadb": " collate utf8mb4_unicode_ci"}


def pass_on() -> bool | None:
	"""Return what leaves the decision to others.

	On v15 the first hook that returns anything but None decides, so True would silence other apps' denials; from v16
	on every hook has to return something true, and None denies.
	"""
	return None if IS_V15 else True


def quoted(text: str) -> str:
	"""Return `text` as SQL that holds no percent sign.

	Frappe doubles these, or not, and halves them again, or not, depending on its version and on the way a condition
	takes: none in it, none wrong.
	"""
	parts = [frappe.db.escape(part, percent=False) for part in text.split("%")]
	if len(parts) == 1:
		return parts[0]
	database = frappe.db.db_type
	return f"concat({f', {PERCENT[database]}, '.join(parts)}){COLLATION.get(database, '')}"
