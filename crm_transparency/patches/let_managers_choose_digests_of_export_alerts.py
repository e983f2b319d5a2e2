from crm_transparency.crm_transparency import mail
from crm_transparency.export_audit import alert_rules


def execute() -> None:
	mail.add_switch(alert_rules.DIGEST_SWITCH)
