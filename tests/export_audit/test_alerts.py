"""Exports to review: which do, which don't, and what is said about them."""

from datetime import date, datetime, time, timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate

from crm_transparency.crm_transparency import employees
from crm_transparency.export_audit import alert_rules, exports
from crm_transparency.export_audit.alert_findings import Window
from crm_transparency.export_audit.exports import Export
from tests.people_and_accounts import acting_as, full_name, make_customer, make_user

pytestmark = pytest.mark.usefixtures("nothing_is_committed")

TODAY = date.today()


@pytest.fixture
def ana():
	return make_user("Ana")


@pytest.fixture
def export(monkeypatch):
	"""Record an export as it is recorded when it happens, on a day of one's choice, at noon."""

	def record(user, rows, day=TODAY, *, signed_in_with=None, impersonated_by=None, **details):
		noon = datetime.combine(getdate(day), time(12))
		monkeypatch.setattr(exports, "now_datetime", lambda: noon)
		monkeypatch.setattr(exports, "origin", lambda: {"signed_in_with": signed_in_with})
		actor = exports.current_actor()._replace(user=user, impersonated_by=impersonated_by)
		monkeypatch.setattr(exports, "current_actor", lambda: actor)
		details = {"channel": exports.LIST_EXPORT, "doctype": "Customer", **details}
		return exports.record(Export(row_count=rows, **details)).name

	return record


def judge(day=TODAY, user=None):
	assert alert_rules.judge(Window(getdate(add_days(day, -1)), getdate(day), user))


def alerts(user, rule=None):
	filters = {"user": user, **({"rule": rule} if rule else {})}
	return frappe.get_all("Export Alert", filters=filters, fields=["*"], order_by="day, creation, name")


def rules(user):
	return [alert.rule for alert in alerts(user)]


class TestLargeExports:
	def test_as_many_rows_as_the_settings_say_are_large(self, ana, export):
		export(ana, 999, doctype="Lead")
		large = export(ana, 1000)
		judge()
		[alert] = alerts(ana)
		assert (alert.rule, alert.export_log, alert.status) == ("Large Export", large, "Open")
		assert alert.explanation.startswith("Ana exported 1,000 rows of Customer on ")
		assert alert.reason == "Exports of 1,000 rows or more are reviewed, whoever makes them."
		assert alert.normal == "What Ana exported before isn't known: nothing was recorded yet."

	def test_the_settings_decide(self, ana, export):
		settings = frappe.get_single("CRM Transparency Settings")
		settings.large_export_rows = 10
		settings.save()
		export(ana, 10)
		judge()
		assert rules(ana) == ["Large Export"]

	def test_what_is_not_about_customers_is_nobodys_business(self, ana, export):
		export(ana, 5000, doctype="Item")
		judge()
		assert rules(ana) == []

	def test_a_list_read_page_by_page_is_one_alert(self, ana, export):
		for rows in (1500, 3000, 2000):
			largest = export(ana, rows, channel=exports.API_READ) if rows == 3000 else None
			largest or export(ana, rows, channel=exports.API_READ)
		judge()
		[alert] = alerts(ana)
		assert "6,500 rows of Customer in 3 exports" in alert.explanation

	def test_other_data_another_day_or_another_way_is_another_alert(self, ana, export):
		export(ana, 1000)
		export(ana, 1000, doctype="Contact")
		export(ana, 1000, channel=exports.API_READ)
		export(ana, 1000, day=add_days(TODAY, -1))
		judge()
		assert rules(ana) == ["Large Export"] * 4

	def test_a_scheduled_report_is_one_alert_however_often_it_is_sent(self, ana, export):
		for days_ago in (8, 1, 0):
			day = add_days(TODAY, -days_ago)
			export(ana, 2000, day=day, channel=exports.SCHEDULED_REPORT, report="Customers by Region")
			judge(day)
		[alert] = alerts(ana)
		assert "A scheduled email of Ana contained 2,000 rows" in alert.explanation

	def test_a_backup_holds_everything(self, ana, export):
		export(ana, 0, channel=exports.BACKUP_DOWNLOAD, doctype=None)
		judge()
		[alert] = alerts(ana)
		assert "downloaded a backup" in alert.explanation


class TestUnusualExports:
	@pytest.fixture
	def ana(self, ana):
		frappe.db.set_value("User", ana, "creation", add_days(TODAY, -400))
		return ana

	def history(self, export, user, *rows):
		export(user, 1, day=add_days(TODAY, -120))
		for days_ago, count in enumerate(rows, start=2):
			export(user, count, day=add_days(TODAY, -days_ago))

	def test_far_more_than_on_ones_own_days(self, ana, export):
		self.history(export, ana, 10, 20, 30, 40, 50, 60, 70, 80, 90, 900)
		export(ana, 271)
		judge()
		[alert] = alerts(ana)
		assert alert.rule == "Unusual for This Person"
		assert alert.explanation.startswith("Ana exported 271 rows in one export on ")
		assert "more than 3 times as much" in alert.reason and "up to 90 rows" in alert.reason
		assert (
			"on 10 days: up to 50 rows on half of them, up to 90 on nine out of ten, and 900 at the most"
			in (alert.normal)
		)

	def test_as_much_as_usual_is_not(self, ana, export):
		self.history(export, ana, 10, 20, 30, 40, 50, 60, 70, 80, 90, 900)
		export(ana, 270)
		judge()
		assert rules(ana) == []

	def test_slices_are_added_up(self, ana, export):
		self.history(export, ana, 10, 20)
		for _slice in range(5):
			export(ana, 60)
		judge()
		[alert] = alerts(ana)
		assert "300 rows in 5 exports" in alert.explanation

	def test_few_rows_never_are(self, ana, export):
		self.history(export, ana, 1, 1)
		export(ana, 99)
		judge()
		assert rules(ana) == []

	def test_somebody_who_never_exported(self, ana, export):
		export(make_user("Ben"), 1, day=add_days(TODAY, -60))
		export(ana, 100)
		judge()
		[alert] = alerts(ana)
		assert alert.normal == "In the 60 days before, Ana exported nothing."

	def test_nobodys_normal_is_known_in_the_first_month(self, ana, export):
		export(make_user("Ben"), 1, day=add_days(TODAY, -20))
		export(ana, 900)
		judge()
		assert rules(ana) == []

	def test_scheduled_reports_are_no_acts(self, ana, export):
		self.history(export, ana, 10)
		export(ana, 900, channel=exports.SCHEDULED_REPORT)
		judge()
		assert rules(ana) == []

	def test_what_others_did_in_ones_name_is_not_ones_normal(self, ana, export):
		ben = make_user("Ben")
		self.history(export, ana, 10)
		export(ana, 500, day=add_days(TODAY, -1), impersonated_by=ben)
		export(ana, 200)
		judge()
		bens, own = alerts(ana)
		assert bens.impersonated_by == ben
		assert bens.explanation.startswith("Ben, signed in as Ana, exported 500 rows")
		assert own.impersonated_by is None and "10" in own.normal


class TestManyRecordsRead:
	def read(self, user, doctype, records, day=TODAY):
		frappe.get_doc(
			doctype="Read Volume",
			user=user,
			day=day,
			reference_doctype=doctype,
			reads=2 * records,
			distinct_records=records,
		).insert(ignore_permissions=True)

	def test_records_of_all_kinds_are_added_up(self, ana):
		self.read(ana, "Customer", 200, day=add_days(TODAY, -5))
		self.read(ana, "Customer", 30, day=add_days(TODAY, -4))
		self.read(ana, "Customer", 400)
		self.read(ana, "Contact", 100)
		judge()
		[alert] = alerts(ana)
		assert (alert.rule, str(alert.day)) == ("Many Records Read", str(TODAY))
		assert "about 500 different records" in alert.explanation
		assert "(Customer: 400, Contact: 100)" in alert.explanation
		assert "up to 30 different records on half of them, up to 200 on nine out of ten" in alert.normal

	def test_fewer_are_none(self, ana):
		self.read(ana, "Customer", 499)
		judge()
		assert rules(ana) == []

	def test_the_open_alert_grows_with_the_day(self, ana):
		self.read(ana, "Customer", 500)
		judge()
		self.read(ana, "Contact", 700)
		judge()
		[alert] = alerts(ana)
		assert "about 1,200 different records" in alert.explanation


class TestPrivateAddresses:
	def mail(self, export, user, recipients, **details):
		details = {"rows": 3, "contact_data": True, "doctype": "Contact", **details}
		return export(
			user,
			details.pop("rows"),
			channel=exports.EMAIL_ATTACHMENT,
			recipients=recipients,
			**details,
		)

	@pytest.mark.parametrize("address", ["ana.home@gmail.com", "ANA@Web.de", "a@tutanota.com"])
	def test_contact_data_to_a_free_mailbox(self, ana, export, address):
		self.mail(export, ana, f"office@harbourpress.example\n{address}")
		judge()
		[alert] = alerts(ana)
		assert alert.rule == "Sent to a Private Address"
		assert "mailed a file with contact data to a" in alert.explanation
		assert "gives mailboxes to anybody" in alert.reason
		assert "mailed by Ana: 0; of these to private addresses: 0" in alert.normal

	def test_to_a_company_it_is_none(self, ana, export):
		self.mail(export, ana, "print@shop.example")
		judge()
		assert rules(ana) == []

	def test_without_contact_data_it_is_none(self, ana, export):
		self.mail(export, ana, "ana.home@gmail.com", contact_data=False)
		judge()
		assert rules(ana) == []

	def test_a_file_that_was_exported_with_contact_data_before(self, ana, export):
		export(ana, 3, content=b"anna@example.com", contact_data=True, day=add_days(TODAY, -3))
		self.mail(export, ana, "ana@gmail.com", doctype=None, contact_data=False, content=b"anna@example.com")
		judge()
		assert rules(ana) == ["Sent to a Private Address"]

	def test_colleagues_who_log_in_with_a_free_mailbox(self, ana, export):
		user = frappe.get_doc(
			doctype="User", email="kim.printer@gmail.com", first_name="Kim", send_welcome_email=0
		)
		user.append_roles("Sales User")
		user.insert(ignore_permissions=True)
		self.mail(export, ana, "kim.printer@gmail.com")
		judge()
		assert rules(ana) == []

	def test_customers_get_what_is_about_themselves(self, ana, export):
		contact = frappe.get_doc(doctype="Contact", first_name="Carla")
		contact.append("email_ids", {"email_id": "carla@gmail.com", "is_primary": 1})
		customer = make_customer()
		contact.append("links", {"link_doctype": "Customer", "link_name": customer.name})
		contact.insert()
		own = [("Customer", customer.name)]
		self.mail(export, ana, "carla@gmail.com", doctype="Customer", records=own)
		self.mail(export, ana, "carla@gmail.com", records=[("Contact", contact.name)])
		judge()
		assert rules(ana) == []
		self.mail(export, ana, "carla@gmail.com", records=[*own, ("Customer", make_customer().name)])
		judge()
		assert rules(ana) == ["Sent to a Private Address"]

	def test_an_employees_own_address(self, ana, export):
		employee(ana, personal_email="Ana@Home.Example")
		self.mail(export, ana, "ana@home.example")
		judge()
		[alert] = alerts(ana)
		assert alert.reason == "ana@home.example is the private address in the employee record of Ana Test."

	def test_where_a_former_colleague_works_now(self, ana, export):
		ben = employee(make_user("Ben"), new_workplace="Tidewater Media, www.tidewater.example")
		frappe.db.set_value("Employee", ben.name, "relieving_date", "2020-01-31")
		self.mail(export, ana, "ben@tidewater.example")
		self.mail(export, ana, "ben@mail.tidewater.example")
		self.mail(export, ana, "ben@nottidewater.example")
		judge()
		assert len(alerts(ana)) == 2

	def test_where_somebody_goes_who_has_not_left_yet_is_not_told(self, ana, export):
		employee(make_user("Ben"), new_workplace="Tidewater Media, www.tidewater.example")
		self.mail(export, ana, "ben@tidewater.example")
		judge()
		assert not alerts(ana)

	def test_a_real_mail_to_an_address_with_a_name(self, ana):
		if not frappe.db.exists("Email Account", {"default_outgoing": 1}):
			account = {
				"email_id": "office@harbourpress.example",
				"email_account_name": "Office",
				"smtp_server": "x",
			}
			account |= {"enable_outgoing": 1, "default_outgoing": 1, "awaiting_password": 1}
			frappe.get_doc(doctype="Email Account", **account).insert(ignore_mandatory=True)
		with acting_as(ana):
			frappe.sendmail(
				recipients=["Ana at Home <Ana.Home@gmail.com>"],
				subject="For later",
				message="See the file.",
				attachments=[{"fname": "customers.csv", "fcontent": b"name"}],
				reference_doctype="Customer",
				reference_name=make_customer().name,
			)
		judge(frappe.utils.getdate())
		[alert] = alerts(ana)
		assert "to ana.home@gmail.com on" in alert.explanation

	def test_files_to_the_same_address_on_a_day_are_one_alert(self, ana, export):
		self.mail(export, ana, "ana.home@gmail.com")
		self.mail(export, ana, "ana.home@gmail.com")
		self.mail(export, ana, "ana.other@gmail.com")
		judge()
		one, two = sorted(alerts(ana), key=lambda alert: alert.figure)
		assert "ana.other@gmail.com" in one.explanation
		assert "mailed 2 files with contact data to ana.home@gmail.com" in two.explanation


def employee(user, **values):
	if not frappe.db.exists("DocType", "Employee"):
		pytest.skip("there is no Employee without ERPNext")
	company = frappe.get_all("Company", pluck="name", limit=1)
	gender = frappe.get_all("Gender", pluck="name", limit=1)
	doc = frappe.get_doc(
		doctype="Employee",
		first_name=frappe.db.get_value("User", user, "first_name"),
		last_name="Test",
		gender=gender[0] if gender else None,
		date_of_birth="1990-01-01",
		date_of_joining="2015-01-01",
		company=company[0] if company else None,
		user_id=user,
		status="Active",
		**values,
	)
	doc.flags.ignore_mandatory = True
	return doc.insert(ignore_permissions=True)


class TestLeaving:
	def test_the_days_before_a_resignation_are_one_alert(self, ana, export):
		employee(ana, resignation_letter_date=TODAY)
		export(ana, 900, day=add_days(TODAY, -31))
		export(ana, 40, day=add_days(TODAY, -30))
		largest = export(ana, 50, day=add_days(TODAY, -2), doctype="Item")
		judge()
		[alert] = alerts(ana)
		assert (alert.rule, alert.export_log) == ("Leaving", largest)
		name = full_name(ana)
		assert f"{name} made 2 exports in the 30 days before resigning on" in alert.explanation
		assert "rows in all: 90" in alert.explanation
		assert f"exports of {name}: 1; rows in all: 900" in alert.normal

	def test_from_then_on_each_day_is_one(self, ana, export):
		employee(ana, resignation_letter_date=add_days(TODAY, -10))
		export(ana, 1, day=add_days(TODAY, -1))
		export(ana, 1)
		export(ana, 2, channel=exports.PRINT)
		judge()
		first, second = alerts(ana)
		name = full_name(ana)
		assert first.explanation.startswith(f"{name} made one export on ")
		assert "2 exports" in second.explanation and "rows in all: 3" in second.explanation
		assert "is leaving (resigned on" in second.reason

	def test_whoever_came_back_is_not_leaving(self, ana, export):
		old = employee(ana, resignation_letter_date=add_days(TODAY, -60))
		frappe.db.set_value("Employee", old.name, "status", "Left")
		frappe.db.set_value("Offboarding", {"employee": old.name}, "status", "Completed")
		frappe.db.set_value("Employee", employee(make_user("Ben")).name, "user_id", ana)
		export(ana, 1)
		judge()
		assert rules(ana) == []

	def test_who_leaves_in_anothers_name(self, ana, export):
		ben = make_user("Ben")
		employee(ana, resignation_letter_date=add_days(TODAY, -10))
		export(ben, 7, impersonated_by=ana)
		judge()
		[alert] = alerts(ben)
		assert (alert.rule, alert.impersonated_by) == ("Leaving", ana)

	def test_an_open_offboarding_is_enough(self, ana, export, offboarding):
		offboarding(user=ana, status="In Progress")
		offboarding(user=make_user("Ben"), status="Completed")
		export(ana, 1)
		judge()
		[alert] = alerts(ana)
		assert alert.reason.startswith("There is an open offboarding for Ana")

	@pytest.mark.parametrize("status", ["Completed", "Cancelled"])
	def test_a_closed_one_is_not(self, ana, export, offboarding, status):
		offboarding(user=ana, status=status)
		export(ana, 1)
		judge()
		assert rules(ana) == []

	def test_an_offboarding_tells_the_date_too(self, ana, export, offboarding):
		offboarding(user=ana, status="Draft", resignation_date=add_days(TODAY, 5))
		export(ana, 30, day=add_days(TODAY, -20))
		export(ana, 1)
		judge()
		before, since = alerts(ana)
		assert "in the 30 days before resigning" in before.explanation and before.figure == 30
		assert since.figure == 1 and "(resigned on" in since.reason

	@pytest.fixture
	def offboarding(self, monkeypatch):
		"""Open offboardings as the room `offboarding` keeps them; until it does, they are looked up in a list."""
		opened = []
		read = employees.read

		def with_offboardings(doctype, filters, fields):
			if doctype != "Offboarding":
				return read(doctype, filters, fields)
			statuses = filters["status"][1] if "status" in filters else ()
			return [row for row in opened if row.status in statuses]

		monkeypatch.setattr(employees, "read", with_offboardings)
		noon = datetime.combine(TODAY, time(9))
		return lambda **values: opened.append(frappe._dict(creation=noon, **values))

	def test_it_works_without_personnel_records(self, ana, export, monkeypatch):
		exists = frappe.db.exists
		monkeypatch.setattr(
			frappe.db,
			"exists",
			lambda *args, **kwargs: (
				None
				if args in (("DocType", "Employee"), ("DocType", "Offboarding"))
				else exists(*args, **kwargs)
			),
		)
		export(ana, 1000)
		judge()
		assert rules(ana) == ["Large Export"]


class TestFirstExportByAnAPIKey:
	@pytest.mark.parametrize(
		("way", "words"), [("API Key", "the API key of Ana"), ("OAuth Token", "an OAuth token of Ana")]
	)
	def test_the_first_ever(self, ana, export, way, words):
		export(ana, 5, day=add_days(TODAY, -1), signed_in_with="Session")
		first = export(ana, 7, signed_in_with=way)
		export(ana, 9, signed_in_with=way)
		judge()
		[alert] = alerts(ana)
		assert (alert.rule, alert.export_log) == ("First Export by an API Key", first)
		assert f"A program with {words} exported Customer on" in alert.explanation
		assert alert.explanation.endswith("rows: 7.")

	def test_later_ones_are_not(self, ana, export):
		export(ana, 5, day=add_days(TODAY, -10), signed_in_with="API Key")
		export(ana, 5, signed_in_with="API Key")
		judge()
		assert rules(ana) == []


def test_judging_again_changes_nothing(ana, export):
	export(ana, 2000, signed_in_with="API Key")
	for _time in range(3):
		judge()
		judge(user=ana)
	assert sorted(rules(ana)) == ["First Export by an API Key", "Large Export"]


def test_a_rule_that_fails_keeps_no_other_from_being_followed(ana, export, monkeypatch):
	def broken(window):
		raise RuntimeError("broken for the test")

	monkeypatch.setattr(alert_rules, "RULES", (broken, *alert_rules.RULES))
	export(ana, 2000)
	assert not alert_rules.judge(Window(TODAY - timedelta(days=1), TODAY))
	assert rules(ana) == ["Large Export"]
	assert frappe.db.exists("Error Log", {"method": ("like", "%a rule about exports%")})


def test_alerts_speak_the_language_of_the_site(ana, export):
	frappe.local.lang = "de"
	try:
		export(ana, 2000)
		judge()
		assert frappe.local.lang == "de"
	finally:
		frappe.local.lang = "en"
	assert alerts(ana)[0].explanation.startswith("Ana exported")
