"""What the room of the ringers does every morning."""

from crm_transparency.ringers import journal, manager_changes, notices


def report() -> None:
	"""Work the journal through, look for roles that were given past the app, and tell Ringer Managers."""
	manager_changes.find_unrecorded()
	notices.send_mail_about(journal.work_through())
