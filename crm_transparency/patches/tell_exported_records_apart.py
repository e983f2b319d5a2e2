from crm_transparency.export_audit.doctype.exported_record import exported_record


def execute() -> None:
	exported_record.tell_names_apart()
