"""Backups: everything at once."""

from crm_transparency.export_audit.exports import BACKUP_DOWNLOAD, Export
from crm_transparency.export_audit.ways_out import content


def downloaded(response) -> Export:
	file = content.of_response(response)
	return Export(BACKUP_DOWNLOAD, **file.fields(), contact_data=True)
