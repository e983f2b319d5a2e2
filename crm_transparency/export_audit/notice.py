"""What everybody is told before an export: what will be recorded, and who can see it."""

from frappe import _

from crm_transparency.export_audit import permissions


def sentences() -> list[str]:
	return [
		_("This export will be recorded: who, when, what, how many rows, and which records."),
		who_sees_it(),
	]


def who_sees_it() -> str:
	if permissions.is_open_to_everyone():
		return _(
			"Colleagues can see that you exported customer data and how much. Which records, the filters and your IP "
			"address are for you and managers only, and so is any other export."
		)
	return _("You and managers can see it, with your IP address and the filters.")
