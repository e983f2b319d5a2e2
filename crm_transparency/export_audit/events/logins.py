"""Logins from addresses that a person had never logged in from, as far back as Frappe's Activity Log goes: 90 days by default."""

import frappe
from frappe import _
from frappe.query_builder.functions import Min
from frappe.utils import get_datetime

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit.events.event import LOGIN, Event

LOG = "Activity Log"


def of(user: str, period: Period) -> list[Event]:
	first_logins = sorted((get_datetime(moment), address) for address, moment in first_login_by_address(user))
	# the first that is known is new to the log only
	return [
		Event(LOGIN, moment, _("Logged in from {0} for the first time").format(address))
		for moment, address in first_logins[1:]
		if period.start <= moment < period.end
	]


def first_login_by_address(user: str) -> list[tuple]:
	log = frappe.qb.DocType(LOG)
	query = frappe.qb.from_(log).select(log.ip_address, Min(log.creation)).groupby(log.ip_address)
	query = query.where((log.user == user) & (log.operation == "Login") & (log.status == "Success"))
	return query.where(log.ip_address.isnotnull()).run()
