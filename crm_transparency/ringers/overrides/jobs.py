"""Background jobs: mail is pulled in them."""

from crm_transparency.ringers.watching import incoming


def attend(**job) -> None:
	"""`before_job`"""
	incoming.attend()
