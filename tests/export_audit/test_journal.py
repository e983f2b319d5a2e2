"""Bulk reads wait in the journal until they are in the ledger: none is lost, none comes twice, none is answered unrecorded."""

import json
import os
import signal
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils.synchronization import filelock

from crm_transparency.export_audit import exports, gate, jobs, manifests, witness
from crm_transparency.export_audit.journal import files, moving, writing
from tests.export_audit import requests
from tests.people_and_accounts import acting_as, make_customer, make_user

pytestmark = pytest.mark.usefixtures("nothing_is_committed")


@pytest.fixture(autouse=True)
def every_read_is_an_export(set_bulk_read_rows):
	set_bulk_read_rows(1)


@pytest.fixture
def customer():
	return make_customer(title="Harbour Books")


def read(customer):
	return requests.get(
		"frappe.client.get_list",
		doctype="Customer",
		fields=["name", "customer_name"],
		filters={"name": customer.name},
	)


def in_ledger(**filters):
	return frappe.get_all(
		"Export Log", filters={"channel": "API Read", **filters}, fields=["*"], order_by="name"
	)


def file_names(journal, suffix=""):
	return sorted(path.name for path in journal.iterdir() if path.name.endswith(suffix))


def run_a_job():
	jobs.attend(method="some_app.jobs.any", kwargs={})
	setattr(frappe.local, witness.LOCAL, None)


def breaking(*args, **kwargs):
	raise RuntimeError("broken for the test")


class TestWriting:
	def test_a_read_is_written_down_before_it_is_answered_and_in_the_ledger_later(self, customer, journal):
		ana = make_user("Ana", "Sales Manager")
		with acting_as(ana):
			assert customer.name in read(customer).get_data(as_text=True)
		assert not in_ledger()
		[line] = files.lines_in(next(journal.iterdir()))
		assert json.loads(line)["names"] == {"Customer": customer.name}
		assert moving.move_waiting() == 1
		[entry] = in_ledger()
		assert (entry.user, entry.owner, entry.row_count, entry.record_count) == (ana, ana, 1, 1)
		assert entry.name == json.loads(line)["entry"]["name"]
		assert abs((entry.exported_on - frappe.utils.now_datetime()).total_seconds()) < 60
		assert entry.ip_address == "127.0.0.1" and entry.filters and entry.file_sha256
		assert manifests.read(entry.name) == [("Customer", customer.name)]
		assert files.is_empty()

	def test_only_the_sites_own_user_may_read_it(self, customer, journal):
		read(customer)
		[path] = journal.iterdir()
		assert stat.S_IMODE(path.stat().st_mode) == 0o600
		assert stat.S_IMODE(journal.stat().st_mode) == 0o700
		assert not frappe.db.exists("File", {"file_name": path.name})

	@pytest.mark.parametrize(
		"address", ["/private/files/{0}", "/private/files/../crm_transparency/journal/{0}"]
	)
	def test_it_is_no_file_to_download(self, customer, journal, address):
		from frappe.utils.response import download_private_file

		read(customer)
		[path] = journal.iterdir()
		with requests.request("/"), pytest.raises(Exception) as refused:
			download_private_file(address.format(path.name))
		assert type(refused.value).__name__ in ("Forbidden", "NotFound", "PermissionError")

	@pytest.mark.parametrize(
		("place", "name"),
		[
			(writing, "as_line"),
			(files, "append"),
			(files, "write_whole"),
			(exports, "origin"),
			(gate, "keep"),
			(gate.reads, "describe"),
			(gate.reads, "reads_of"),
			(os, "write"),
		],
	)
	def test_each_part_that_breaks_keeps_the_read_in(self, monkeypatch, customer, place, name):
		with monkeypatch.context() as broken:
			broken.setattr(gate.reads, "DEFAULT_BULK_READ_ROWS", 1)
			broken.setattr(place, name, breaking)
			response = read(customer)
		assert response.status_code == 503
		assert customer.name not in response.get_data(as_text=True)

	def test_a_folder_that_cannot_be_written_keeps_the_read_in(self, customer, journal):
		journal.parent.mkdir(exist_ok=True)
		journal.write_text("a file lies where the folder should be")
		response = read(customer)
		journal.unlink()
		assert response.status_code == 503
		assert customer.name not in response.get_data(as_text=True)

	def test_a_disk_that_is_full_in_the_middle_of_a_line_leaves_nothing_of_it(
		self, monkeypatch, customer, journal
	):
		read(customer)
		before = next(journal.iterdir()).read_bytes()
		write = os.write

		def half_then_full(file, data):
			monkeypatch.setattr(os, "write", full)
			return write(file, bytes(data)[: len(data) // 2])

		def full(file, data):
			raise OSError(28, "No space left on device")

		monkeypatch.setattr(os, "write", half_then_full)
		response = read(customer)
		assert response.status_code == 503
		monkeypatch.setattr(os, "write", write)
		assert next(journal.iterdir()).read_bytes() == before
		assert moving.move_waiting() == 1

	def test_a_database_that_cannot_be_written_does_not_matter_to_a_read(self, monkeypatch, customer):
		with monkeypatch.context() as broken:
			broken.setattr(exports.entries, "add_at_once", breaking)
			assert read(customer).status_code == 200
			assert moving.move_waiting() == 0
		moving.move_again()
		assert len(in_ledger()) == 1

	def test_only_the_first_of_many_reads_asks_for_a_job(self, monkeypatch, customer):
		queued = []
		monkeypatch.setattr(frappe, "enqueue", lambda method, **kwargs: queued.append(method))

		def read_as_a_web_server():
			after = []
			with requests.request("/api/method/frappe.client.get_list", cmd="frappe.client.get_list"):
				frappe.local.request.after_response = SimpleNamespace(add=after.append)
				frappe.response["message"] = frappe.get_list("Customer", filters={"name": customer.name})
				requests.finish(requests.build_response("json"))
			for each in after:
				each()

		read_as_a_web_server()
		read_as_a_web_server()
		assert queued == [writing.MOVING]
		moving.move_waiting()
		read_as_a_web_server()
		assert queued == [writing.MOVING] * 2

	def test_a_queue_that_does_not_answer_fails_no_read(self, monkeypatch):
		monkeypatch.setattr(frappe, "enqueue", breaking)
		writing.have_it_moved()

	def test_many_at_once_write_whole_lines(self, monkeypatch, journal):
		monkeypatch.setattr(files, "folder", lambda: str(journal))  # other threads know no site
		lines = [json.dumps({"number": number, "text": "x" * 5000}).encode() for number in range(200)]
		with ThreadPoolExecutor(8) as threads:
			firsts = list(threads.map(files.append, lines))
		assert firsts.count(True) == 1
		assert sorted(files.lines_in(next(journal.iterdir()))) == sorted(lines)

	def test_a_process_that_is_killed_while_it_writes_loses_nothing_of_others(self, monkeypatch, journal):
		monkeypatch.setattr(files, "folder", lambda: str(journal))
		line = json.dumps({"text": "x" * 100_000}).encode()
		child = os.fork()
		if child == 0:
			while True:
				files.append(line)
		time.sleep(0.2)
		os.kill(child, signal.SIGKILL)
		os.waitpid(child, 0)
		files.append(b'{"text": "after"}')
		*written, last = files.lines_in(next(journal.iterdir()))
		assert last == b'{"text": "after"}'
		assert sum(each != line for each in written) <= 1


class TestMoving:
	def test_the_order_in_which_people_read_is_kept(self):
		customers = [make_customer() for _ in range(5)]
		for customer in customers:
			read(customer)
		assert moving.move_waiting() == 5
		assert [manifests.read(entry.name)[0][1] for entry in in_ledger()] == [
			customer.name for customer in customers
		]

	def test_a_mover_that_dies_before_the_file_is_deleted_does_not_make_entries_twice(
		self, monkeypatch, customer, journal
	):
		read(customer)
		with monkeypatch.context() as broken, pytest.raises(RuntimeError):
			broken.setattr(files, "delete", breaking)
			moving.move_waiting()
		assert len(in_ledger()) == 1
		read(customer)
		assert moving.move_waiting() == 1
		assert len(in_ledger()) == 2
		assert files.is_empty()

	def test_who_finds_another_mover_at_work_waits_a_while_and_goes_on_without(self, monkeypatch, customer):
		read(customer)
		monkeypatch.setattr(moving, "SECONDS_TO_WAIT", 0.1)
		with filelock(moving.LOCK):
			moving.move_safely()
			assert not in_ledger()
		moving.move_safely()
		assert len(in_ledger()) == 1

	def test_a_mover_that_dies_before_its_commit_loses_nothing(self, monkeypatch, customer):
		read(customer)
		frappe.db.savepoint("moved")
		commits = iter([lambda: None, breaking])  # the first one only makes it see what others added
		with monkeypatch.context() as broken, pytest.raises(RuntimeError):
			broken.setattr(frappe.db, "commit", lambda: next(commits)())
			moving.move_waiting()
		frappe.db.rollback(save_point="moved")
		assert not in_ledger()
		assert moving.move_waiting() == 1

	def test_a_line_that_was_cut_off_loses_no_other(self, customer, journal):
		read(customer)
		path = next(journal.iterdir())
		path.write_bytes(path.read_bytes() + b'\n{"entry": {"name": "cut o')
		read(customer)
		assert moving.move_waiting() == 2
		assert len(in_ledger()) == 2
		assert file_names(journal, files.DAMAGED) and files.is_empty()
		[failure] = frappe.get_all("Error Log", fields=["method", "error"], order_by="creation desc", limit=1)
		assert "written in part" in failure.method
		assert customer.name not in failure.error

	def test_an_entry_that_cannot_be_added_keeps_no_other_back_and_is_tried_again(
		self, monkeypatch, customer, journal
	):
		read(customer)
		other = make_customer()
		read(other)
		add = exports.add

		def add_others(values, exported_on, names):
			if customer.name in names["Customer"]:
				raise frappe.DataError(customer.name)
			return add(values, exported_on, names)

		monkeypatch.setattr(exports, "add", add_others)
		assert moving.move_waiting() == 1
		assert file_names(journal, files.POSTPONED)
		[failure] = frappe.get_all("Error Log", fields=["method", "error"], order_by="creation desc", limit=1)
		assert customer.name not in failure.error
		failures = frappe.db.count("Error Log", {"method": failure.method})
		run_a_job()
		assert frappe.db.count("Error Log", {"method": failure.method}) == failures
		monkeypatch.setattr(exports, "add", add)
		moving.move_again()
		assert len(in_ledger()) == 2
		assert not file_names(journal)

	def test_a_line_written_while_the_file_is_taken_away_goes_to_the_next_one(
		self, monkeypatch, customer, journal
	):
		read(customer)
		is_at = files.is_at

		def taken_meanwhile(path, file):
			monkeypatch.setattr(files, "is_at", is_at)
			os.rename(path, f"{path}{files.TAKEN}")
			return is_at(path, file)

		monkeypatch.setattr(files, "is_at", taken_meanwhile)
		read(customer)
		assert len(file_names(journal, files.WAITING)) == 1
		assert moving.move_waiting() == 2

	def test_nobody_keeps_a_read_out_of_the_ledger_by_what_they_send(self, journal):
		"""Half a character (a lone surrogate) is text to JSON, but to no database."""
		make_customer(account_manager="Administrator")
		with requests.request("/api/method/frappe.desk.query_report.run", cmd="frappe.desk.query_report.run"):
			frappe.form_dict.update(
				report_name="Account Owner Changes",
				filters=json.dumps({"unknown": "\ud800" + "x" * 2_000_000}, ensure_ascii=False),
			)
			frappe.handler.handle()
			requests.finish(requests.build_response("json"))
		assert moving.move_waiting() == 1
		[entry] = in_ledger()
		assert entry.filters.startswith('{"unknown": "?xxx') and len(entry.filters) == 1_000_000
		assert not file_names(journal)

	def test_contact_data_is_told(self, customer):
		contact = frappe.get_doc(doctype="Contact", first_name="Robin").insert()
		requests.get(
			"frappe.client.get_list",
			doctype="Contact",
			fields=["name", "email_id"],
			filters={"name": contact.name},
		)
		requests.get(
			"frappe.client.get_list", doctype="Contact", fields=["name"], filters={"name": contact.name}
		)
		moving.move_waiting()
		assert [entry.contact_data for entry in in_ledger()] == [1, 0]


class TestLookingAtTheLedger:
	"""Whoever looks at what was exported sees everything, however little time the job has had."""

	@pytest.mark.parametrize(
		("method", "arguments"),
		[
			("frappe.desk.reportview.get", {"doctype": "Export Log", "fields": ["name"], "filters": []}),
			("frappe.client.get_list", {"doctype": "Export Log"}),
			("frappe.desk.query_report.run", {"report_name": "My Exports", "filters": {}}),
		],
	)
	def test_a_request_finds_it_complete(self, customer, method, arguments):
		read(customer)
		assert not in_ledger()
		requests.get(method, **arguments)
		assert in_ledger(reference_doctype="Customer")

	def test_a_job_finds_it_complete(self, customer):
		read(customer)
		run_a_job()
		assert in_ledger()

	def test_one_that_fails_to_move_fails_nobody(self, monkeypatch, customer):
		read(customer)
		monkeypatch.setattr(moving, "move_file", breaking)
		assert requests.get("frappe.client.get_list", doctype="Export Log").status_code == 200
		run_a_job()
