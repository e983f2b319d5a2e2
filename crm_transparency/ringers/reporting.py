"""When Ringer Managers are told: of changes to ringers every morning, or by the hour; of their own number always at once."""

from crm_transparency.ringers import journal, manager_changes, notices, settings
from crm_transparency.ringers.quietly import job_without_a_trace


@job_without_a_trace
def every_morning() -> None:
	"""Work the journal through, and tell Ringer Managers what happened to ringers."""
	notices.send_mail_about(journal.work_through())


@job_without_a_trace
def every_hour() -> None:
	"""Do so by the hour, where they want that."""
	if settings.mails_news() == settings.WITHIN_THE_HOUR:
		notices.send_mail_about(journal.work_through())


@job_without_a_trace
def every_few_minutes() -> None:
	"""Look for roles that were given past all documents."""
	manager_changes.find_unrecorded()
