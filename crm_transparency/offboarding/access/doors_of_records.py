"""Ways to records that don't need a login of one's own: shares, links, mail accounts, reports that come by mail, jobs."""

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, today

from crm_transparency.offboarding.access.door import Closed, Door, insert_again, rows, set_all

SCHEDULED = "Scheduler Event"


class Shares(Door):
	key = "shares"
	label = "Shared documents taken back"

	def close(self, user: str, removal: Document) -> Closed:
		shares = rows("DocShare", {"user": user}, ["*"])
		if shares:
			frappe.db.delete("DocShare", {"user": user})
		return Closed(len(shares), shares)

	def reopen(self, user: str, was: list) -> bool:
		insert_again(
			"DocShare", [row for row in was if frappe.db.exists(row["share_doctype"], row["share_name"])]
		)
		return True


class DocumentLinks(Door):
	"""Links that open one document without a login; whoever mailed a document made one, and knows it."""

	key = "document_links"
	label = "Links to documents that the person made expired"

	def close(self, user: str, removal: Document) -> Closed:
		links = [
			row
			for row in rows("Document Share Key", {"owner": user}, ["name", "expires_on"])
			if row.expires_on is None or str(row.expires_on) >= today()
		]
		set_all("Document Share Key", [row.name for row in links], {"expires_on": add_days(today(), -1)})
		return Closed(len(links), links)

	def reopen(self, user: str, was: list) -> bool:
		for row in was:
			if frappe.db.exists("Document Share Key", row["name"]):
				frappe.db.set_value("Document Share Key", row["name"], "expires_on", row["expires_on"])
		return True


class MailAccounts(Door):
	key = "mail_accounts"
	label = "Access to mail accounts removed"

	def close(self, user: str, removal: Document) -> Closed:
		accounts = rows("User Email", {"parent": user}, ["*"])
		if accounts:
			frappe.db.delete("User Email", {"parent": user})
		return Closed(len(accounts), accounts)

	def reopen(self, user: str, was: list) -> bool:
		insert_again("User Email", was)
		return True


class ScheduledReports(Door):
	"""Reports that come by mail in the person's name go to who takes them over, or stop; nothing is mailed to the person."""

	key = "scheduled_reports"
	label = "Scheduled reports moved or stopped"

	def close(self, user: str, removal: Document) -> Closed:
		reports = rows("Auto Email Report", {"user": user}, ["name", "user", "enabled", "email_to"])
		for row in reports:
			to = removal.jobs_to
			values = {"user": to} if to else {"enabled": 0}
			if to or row.enabled:
				frappe.db.set_value("Auto Email Report", row.name, values)
		changed = [row for row in reports if removal.jobs_to or row.enabled]
		return Closed(len(changed), changed)

	def reopen(self, user: str, was: list) -> bool:
		for row in was:
			if frappe.db.exists("Auto Email Report", row["name"]):
				frappe.db.set_value(
					"Auto Email Report", row["name"], {"user": row["user"], "enabled": row["enabled"]}
				)
		return True


class ReportRecipients(Door):
	key = "report_recipients"
	label = "Scheduled reports no longer mailed to the person"

	def close(self, user: str, removal: Document) -> Closed:
		address = (frappe.db.get_value("User", user, "email") or user).lower()
		changed = []
		filters = {"enabled": 1, "email_to": ("like", f"%{address}%")}
		for row in rows("Auto Email Report", filters, ["name", "email_to", "enabled"]):
			readers = row.email_to.split()
			others = [reader for reader in readers if reader.lower() != address]
			if others != readers:
				values = {"email_to": "\n".join(others)} if others else {"enabled": 0}
				frappe.db.set_value("Auto Email Report", row.name, values)
				changed.append(row)
		return Closed(len(changed), changed)

	def reopen(self, user: str, was: list) -> bool:
		for row in was:
			if frappe.db.exists("Auto Email Report", row["name"]):
				values = {"email_to": row["email_to"], "enabled": row["enabled"]}
				frappe.db.set_value("Auto Email Report", row["name"], values)
		return True


class ScheduledScripts(Door):
	"""Scripts on a schedule that the person wrote: somebody else answers for them now, or they stop."""

	key = "scheduled_jobs"
	label = "Scheduled jobs moved or stopped"

	def close(self, user: str, removal: Document) -> Closed:
		scripts = rows(
			"Server Script", {"owner": user, "script_type": SCHEDULED, "disabled": 0}, ["name", "disabled"]
		)
		for row in scripts:
			values = {"owner": removal.jobs_to} if removal.jobs_to else {"disabled": 1}
			frappe.db.set_value("Server Script", row.name, values)
			if not removal.jobs_to:
				stop_jobs_of(row.name, 1)
		return Closed(len(scripts), scripts)

	def reopen(self, user: str, was: list) -> bool:
		for row in was:
			if frappe.db.exists("Server Script", row["name"]):
				frappe.db.set_value("Server Script", row["name"], {"owner": user, "disabled": 0})
				stop_jobs_of(row["name"], 0)
		return True


def stop_jobs_of(script: str, stopped: int) -> None:
	set_all(
		"Scheduled Job Type",
		[row.name for row in rows("Scheduled Job Type", {"server_script": script}, ["name"])],
		{"stopped": stopped},
	)


class DoorsOfOthers(Door):
	"""What other rooms and apps keep open for a person: functions in a hook take the user, and return how many they ended."""

	key = "others"
	label = "Personal links of other parts of the site ended"
	HOOK = "transparency_end_access"

	def close(self, user: str, removal: Document) -> Closed:
		ended = (frappe.get_attr(function)(user) for function in frappe.get_hooks(self.HOOK))
		return Closed(sum(int(number or 0) for number in ended))
