from crm_transparency.crm_transparency import mail
from crm_transparency.export_audit.alerts import digest


def execute() -> None:
	mail.add_switch(digest.SWITCH)
