from crm_transparency.crm_transparency import mail_switches
from crm_transparency.export_audit.alerts import digest


def execute() -> None:
	mail_switches.add(digest.SWITCH)
