"""What leaves by mail, and in files that background jobs make."""

import hashlib
from pathlib import Path

import frappe
import pytest

from crm_transparency.export_audit import manifests, response_recorder
from crm_transparency.export_audit.exceptions import ExportNotRecorded
from crm_transparency.export_audit.exports import Export, take_over
from crm_transparency.ledger import entries
from tests.export_audit import requests
from tests.people_and_accounts import acting_as, make_customer, make_user

pytestmark = pytest.mark.usefixtures("nothing_is_committed")


@pytest.fixture(autouse=True)
def outgoing_account():
	if frappe.db.exists("Email Account", {"default_outgoing": 1}):
		return
	frappe.get_doc(
		doctype="Email Account",
		email_id="office@harbourpress.example",
		email_account_name="Office",
		smtp_server="127.0.0.1",
		enable_outgoing=1,
		default_outgoing=1,
		awaiting_password=1,
	).insert(ignore_mandatory=True)


@pytest.fixture
def customer():
	return make_customer()


def exports(**filters):
	return frappe.get_all("Export Log", filters=filters, fields=["*"], order_by="name")


def send(**mail):
	frappe.sendmail(
		**{
			"recipients": ["someone@elsewhere.example"],
			"subject": "Hello",
			"message": "See the file.",
			**mail,
		}
	)


def test_a_mail_with_a_file_is_an_export(customer):
	send(
		attachments=[{"fname": "customers.csv", "fcontent": b"name\r\nA"}],
		reference_doctype="Customer",
		reference_name=customer.name,
	)
	[entry] = exports(channel="Email Attachment")
	assert entry.recipients == "someone@elsewhere.example"
	assert entry.file_name == "customers.csv"
	assert entry.file_sha256 == hashlib.sha256(b"name\r\nA").hexdigest()
	assert manifests.read(entry.name) == [("Customer", customer.name)]


def test_a_mail_without_a_file_is_none(customer):
	send(reference_doctype="Customer", reference_name=customer.name)
	assert not exports()


def test_a_mailed_print_is_an_export_of_the_document(customer):
	print_of_customer = {"print_format_attachment": 1, "doctype": "Customer", "name": customer.name}
	send(attachments=[print_of_customer], reference_doctype="Customer", reference_name=customer.name)
	[entry] = exports(channel="Email Attachment")
	assert entry.file_format == "PDF"
	assert manifests.read(entry.name) == [("Customer", customer.name)]


def test_a_mailed_stored_file_is_an_export_of_what_it_hangs_on(customer):
	file = frappe.get_doc(
		doctype="File",
		file_name=f"{frappe.generate_hash(length=8)}.txt",
		content=b"our prices",
		is_private=1,
		attached_to_doctype="Customer",
		attached_to_name=customer.name,
	).insert()
	send(attachments=[{"fid": file.name}])
	[entry] = exports(channel="Email Attachment")
	assert entry.file_sha256 == hashlib.sha256(b"our prices").hexdigest()
	assert manifests.read(entry.name) == [("Customer", customer.name)]


@pytest.fixture
def unrecordable(monkeypatch):
	"""The ledger of exports refuses to be written to."""

	def refusing(*args, **kwargs):
		raise frappe.db.OperationalError("the table is full")

	monkeypatch.setattr(entries, "add_at_once", refusing)


def test_a_mail_that_cannot_be_recorded_is_not_queued_whatever_its_sender_catches(unrecordable, customer):
	before = frappe.db.count("Email Queue"), frappe.db.count("Export Manifest")
	with pytest.raises(ExportNotRecorded, match="could not be recorded"):
		send(
			attachments=[{"fname": "a.csv", "fcontent": b"a"}],
			reference_doctype="Customer",
			reference_name=customer.name,
		)
	assert (frappe.db.count("Email Queue"), frappe.db.count("Export Manifest")) == before
	send(reference_doctype="Customer", reference_name=customer.name)
	assert frappe.db.count("Email Queue") == before[0] + 1


def test_a_deadlock_is_raised_as_it_is_so_that_jobs_start_over(monkeypatch, customer):
	def failing(*args, **kwargs):
		raise frappe.QueryDeadlockError

	monkeypatch.setattr(entries, "add_at_once", failing)
	before = frappe.db.count("Email Queue"), frappe.db.count("Export Manifest")
	with pytest.raises(frappe.QueryDeadlockError):
		send(attachments=[{"fname": "a.csv", "fcontent": b"a"}])
	assert (frappe.db.count("Email Queue"), frappe.db.count("Export Manifest")) == before
	assert frappe.db.exists("Customer", customer.name)


def test_whoever_catches_a_deadlock_commits_nothing_of_what_it_left(monkeypatch):
	"""As Frappe's notifications do: the document that they tell about is gone, and the answer would say it's saved."""

	def deadlocked(*args, **kwargs):
		frappe.db.sql("rollback")
		raise frappe.QueryDeadlockError

	monkeypatch.setattr(entries, "add_at_once", deadlocked)
	with pytest.raises(frappe.QueryDeadlockError):
		send(attachments=[{"fname": "a.csv", "fcontent": b"a"}])
	with pytest.raises(frappe.QueryDeadlockError, match="could not be recorded"):
		frappe.db.before_commit.run()


def test_a_file_without_content_is_looked_up_nowhere(monkeypatch):
	monkeypatch.setattr(
		frappe, "get_all", lambda *args, **kwargs: pytest.fail("the whole ledger was searched")
	)
	assert not take_over(Export("File Download"))


def test_a_notification_with_a_print_that_cannot_be_recorded_is_not_queued(unrecordable, customer):
	notification = frappe.get_doc(
		doctype="Notification",
		name=f"Customer {frappe.generate_hash(length=6)}",
		subject="A customer",
		document_type="Customer",
		event="Custom",
		message="See the print.",
		attach_print=1,
		channel="Email",
		recipients=[{"receiver_by_document_field": "owner"}, {"cc": "someone@elsewhere.example"}],
	).insert()
	before = frappe.db.count("Email Queue")
	try:
		notification.send(customer)
	except frappe.ValidationError:
		pass  # other versions of Frappe log it and go on
	assert frappe.db.count("Email Queue") == before


def test_sending_from_the_desk_says_plainly_that_it_was_not_recorded(unrecordable, customer):
	with pytest.raises(frappe.ValidationError, match="could not be recorded, so it wasn't delivered"):
		requests.get(
			"frappe.core.doctype.communication.email.make",
			doctype="Customer",
			name=customer.name,
			content="See the print.",
			subject="A print",
			recipients="someone@elsewhere.example",
			send_email=1,
			print_format="Standard",
			attach_document_print=1,
		)


@pytest.mark.parametrize("is_stored", [False, True])
def test_a_file_that_an_export_made_is_known_again_when_it_is_mailed(customer, is_stored):
	others = [make_customer().name, make_customer().name]
	form = {
		"doctype": "Customer",
		"fields": ["`tabCustomer`.`name`", "`tabCustomer`.`customer_type`"],
		"filters": [["name", "in", others]],
		"file_format_type": "CSV",
		"title": "Customer",
	}
	content = requests.get("frappe.desk.reportview.export_query", **form).get_data()
	[made] = exports(channel="List Export")
	attachment = {"fname": "notes.txt", "fcontent": content}
	if is_stored:
		stored = frappe.get_doc(doctype="File", file_name="notes.txt", content=content, is_private=1).insert()
		attachment = {"fid": stored.name}
	send(attachments=[attachment], reference_doctype="Customer", reference_name=customer.name)
	[entry] = exports(channel="Email Attachment")
	carried = ("file_sha256", "reference_doctype", "row_count", "record_count", "columns", "contact_data")
	assert [entry[field] for field in carried] == [made[field] for field in carried]
	assert manifests.read(entry.name) == manifests.read(made.name)


def test_a_print_format_that_lists_others_names_them(customer):
	others = sorted(make_customer().name for _number in range(3))
	print_format = frappe.get_doc(
		doctype="Print Format",
		name=f"Everybody {frappe.generate_hash(length=6)}",
		doc_type="Customer",
		module=frappe.get_meta("Customer").module,
		custom_format=1,
		print_format_type="Jinja",
		html="{% for row in frappe.get_all('Customer', pluck='name') %}<p>{{ row }}</p>{% endfor %}",
		standard="No",
	).insert()
	with requests.request(
		"/printview",
		http_method="GET",
		doctype="Customer",
		name=customer.name,
		format=print_format.name,
	):
		page = frappe.get_print("Customer", customer.name, print_format.name)
		requests.finish(requests.Response(page, mimetype="text/html"))
	[entry] = exports(channel="Print")
	assert entry.row_count == entry.record_count == frappe.db.count("Customer")
	assert {("Customer", name) for name in others} < set(manifests.read(entry.name))


def test_a_scheduled_report_downloaded_by_hand_is_a_report_export(customer):
	manager = make_user("Mona", "Sales Manager", "Transparency Manager", "System Manager")
	make_customer(account_manager=manager)
	report = auto_email_report_of(manager)
	with acting_as(manager):
		requests.get("frappe.email.doctype.auto_email_report.auto_email_report.download", name=report.name)
	[entry] = exports(report_name="Account Owner Changes")
	assert (entry.channel, entry.user) == ("Report Export", manager)


def auto_email_report_of(user):
	return frappe.get_doc(
		doctype="Auto Email Report",
		report="Account Owner Changes",
		report_type="Script Report",
		user=user,
		enabled=1,
		email_to="boss@elsewhere.example",
		format="CSV",
		frequency="Daily",
		filters="{}",
		no_of_rows=100,
	).insert(ignore_mandatory=True)


def test_a_report_mailed_at_set_times(customer):
	manager = make_user("Mona", "Sales Manager", "Transparency Manager", "System Manager")
	make_customer(account_manager=manager)
	auto_email_report = auto_email_report_of(manager)
	response_recorder.begin_job()
	auto_email_report.send()
	[entry] = exports(channel="Scheduled Report")
	assert entry.user == manager
	assert entry.report_name == "Account Owner Changes"
	assert entry.recipients == "boss@elsewhere.example"
	assert entry.row_count >= 1
	assert manifests.unpack(entry.name, entry.manifest_sha256)


@pytest.mark.parametrize("file_format", ["CSV", "Excel"])
def test_a_list_exported_in_the_background(customer, file_format):
	module = pytest.importorskip("frappe.desk.reportview")
	if not hasattr(module, "run_report_view_export_job"):
		pytest.skip("Frappe exports in the background from v16 on")
	form = frappe._dict(
		doctype="Customer",
		fields=["`tabCustomer`.`customer_name`"],
		filters=[["name", "=", customer.name]],
		file_format_type=file_format,
		title="Customer",
		limit_page_length=None,
		as_list=True,
	)
	kwargs = {"user_email": "ana@harbourpress.example", "form_params": form, "csv_params": {}}
	run_job("frappe.desk.reportview.run_report_view_export_job", kwargs)
	[entry] = exports(channel="List Export")
	assert (entry.row_count, entry.file_format) == (1, file_format)
	assert manifests.read(entry.name) == [("Customer", customer.name)]
	[file] = frappe.get_all(
		"File", filters={"attached_to_doctype": "Report"}, pluck="name", order_by="creation desc", limit=1
	)
	assert hashlib.sha256(content_of(file)).hexdigest() == entry.file_sha256


def content_of(file):
	return Path(frappe.get_doc("File", file).get_full_path()).read_bytes()


def run_job(method, kwargs):
	frappe.local.job = frappe._dict(method=method, kwargs=kwargs)
	response_recorder.begin_job()
	try:
		frappe.get_attr(method)(**kwargs)
	finally:
		frappe.local.job = None


def test_what_a_custom_endpoint_sends_as_a_file_is_recorded_with_what_it_read(customer):
	with requests.request("/api/method/some_app.api.everything"):
		rows = frappe.get_list("Customer", fields=["customer_name"], limit_page_length=0)
		frappe.response.filename = "everything.csv"
		frappe.response.filecontent = "\n".join(row.customer_name for row in rows).encode()
		frappe.response.type = "binary"
		requests.finish(requests.build_response("json"))
	[entry] = exports(channel="File Download")
	assert entry.row_count == len(rows)
	assert ("Customer", customer.name) in manifests.read(entry.name)


def test_a_custom_endpoint_that_returns_many_rows_is_a_bulk_read(customer, set_bulk_read_rows):
	set_bulk_read_rows(2)
	make_customer()
	with requests.request("/api/method/some_app.api.everything"):
		frappe.response["message"] = frappe.get_all("Customer", fields=["customer_name"])
		requests.finish(requests.build_response("json"))
	[entry] = exports(channel="API Read")
	assert entry.row_count == frappe.db.count("Customer")
	assert ("Customer", customer.name) in manifests.read(entry.name)


def test_a_custom_endpoint_that_reads_much_and_returns_a_sum_is_none(customer, set_bulk_read_rows):
	set_bulk_read_rows(2)
	make_customer()
	with requests.request("/api/method/some_app.api.how_many"):
		frappe.response["message"] = len(frappe.get_all("Customer"))
		requests.finish(requests.build_response("json"))
	assert not exports()


def test_details_are_for_managers_and_the_person_concerned(customer):
	ana, ben = make_user("Ana"), make_user("Ben")
	with (
		acting_as(ana),
		requests.request("/printview", http_method="GET", doctype="Customer", name=customer.name),
	):
		requests.finish(requests.Response("a page"))
	[entry] = exports(channel="Print")
	with acting_as(ana):
		assert manifests.read(entry.name) == [("Customer", customer.name)]
	with acting_as(ben), pytest.raises(frappe.PermissionError):
		manifests.read(entry.name)
