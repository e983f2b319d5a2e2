"""Background jobs: the witness attends them too, for what they export."""

from crm_transparency.export_audit import traceable, witness
from crm_transparency.export_audit.ways_out import scheduled_reports


def attend(**job) -> None:
	"""`before_job`"""
	scheduled_reports.take_place()
	traceable.attend(witness.attend(), job.get("method"))
