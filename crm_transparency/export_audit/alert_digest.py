"""The daily digest: one mail per manager with the alerts that are open and that no digest told of before."""

import frappe
from frappe import _
from frappe.utils import escape_html, get_url_to_form, get_url_to_list

from crm_transparency.crm_transparency import formatting, mail
from crm_transparency.crm_transparency.mail import MailSwitch
from crm_transparency.export_audit import export_alerts
from crm_transparency.export_audit.export_alerts import ALERT, OPEN

MOST_IN_A_MAIL = 50
SWITCH = MailSwitch(
	fieldname="enable_email_export_alerts",
	label="Export alerts",
	description="Mail me once a day which exports call for a look, if there are new ones",
	depends_on="eval:doc.enable_email_notifications && frappe.user.has_role('Transparency Manager')",
)


def send_digests() -> None:
	"""Mail what is new to each manager who wants it. What could be mailed to nobody is in the next day's."""
	alerts = frappe.get_all(
		ALERT,
		filters={"status": OPEN, "digest_mailed": 0},
		fields=["name", "rule", "user", "impersonated_by", "day", "explanation", "reason", "normal"],
		order_by="day, name",
	)
	told, failed = set(), set()
	for reader in readers():
		own = [alert for alert in alerts if export_alerts.may_settle(reader, alert)]
		if own:
			(told if send_safely(reader, own) else failed).update(alert.name for alert in own)
	done = [alert.name for alert in alerts if alert.name in told or alert.name not in failed]
	if done:
		frappe.db.set_value(ALERT, {"name": ("in", done)}, "digest_mailed", 1, update_modified=False)


def readers() -> list[str]:
	managers = export_alerts.settling_managers()
	return [user for user in managers if mail.wants_mail(user, SWITCH.fieldname)]


def send_safely(reader: str, alerts: list[frappe._dict]) -> bool:
	"""Send one manager's digest. What goes wrong with it keeps no other from being sent."""
	frappe.db.savepoint("digest")
	try:
		send(reader, alerts)
	except Exception as error:
		frappe.db.rollback(save_point="digest")
		# Frappe would add the values of variables, and with them what is said about people
		frappe.log_error(_("CRM Transparency: the digest of export alerts wasn't sent"), mail.cause_of(error))
		return False
	return True


def send(reader: str, alerts: list[frappe._dict]) -> None:
	language = formatting.language_of(reader)
	subject = (
		_("One new export alert", lang=language)
		if len(alerts) == 1
		else _("{0} new export alerts", lang=language).format(len(alerts))
	)
	with formatting.speaking(language):
		mail.queue(
			recipients=frappe.db.get_value("User", reader, "email"),
			subject=subject,
			template="new_notification",
			args={"body_content": text(alerts, language), "doc_link": get_url_to_list(ALERT)},
			header=[_("Exports to review", lang=language), "orange"],
		)


def text(alerts: list[frappe._dict], language: str) -> str:
	parts = [
		"<p>{}</p>".format(
			_(
				"These are questions, not accusations. Please review each and set it to Explained or Follow up.",
				lang=language,
			)
		)
	]
	parts += [paragraph(alert, language) for alert in alerts[:MOST_IN_A_MAIL]]
	if len(alerts) > MOST_IN_A_MAIL:
		more = _("And {0} more in the list of export alerts.", lang=language)
		parts.append(f"<p>{more.format(len(alerts) - MOST_IN_A_MAIL)}</p>")
	return "".join(parts)


def paragraph(alert: frappe._dict, language: str) -> str:
	sentences = " ".join(escape_html(alert[part]) for part in ("explanation", "reason", "normal"))
	link = f'<a href="{get_url_to_form(ALERT, alert.name)}">{_(alert.rule, lang=language)}</a>'
	return f"<p><strong>{link}</strong><br>{sentences}</p>"
