"""Background jobs: the witness attends them too, for what they export. They find the ledger complete."""

from crm_transparency.export_audit import places, purposes, traceable, witness
from crm_transparency.export_audit.journal import moving


def attend(**job) -> None:
	"""`before_job`"""
	moving.move_safely()
	places.take()
	attending = witness.attend()
	attending.purpose = purposes.take_from((job.get("kwargs") or {}).get("form_params"))
	traceable.attend(attending, job.get("method"))
