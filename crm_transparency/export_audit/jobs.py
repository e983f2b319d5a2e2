"""Background jobs: the witness attends them too, for what they export."""

from crm_transparency.export_audit import witness


def attend(**job) -> None:
	"""`before_job`"""
	witness.attend()
