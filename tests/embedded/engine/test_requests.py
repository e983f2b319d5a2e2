import threading

import frappe
import pytest
import requests

from embedded.site import DEFAULT_PASSWORD


@pytest.fixture
def address(tiny_site):
	from embedded import server

	frappe.db.commit()
	with server.running(tiny_site) as address:
		yield address


def administrator(address: str) -> requests.Session:
	session = requests.Session()
	session.post(
		f"{address}/api/method/login", data={"usr": "Administrator", "pwd": DEFAULT_PASSWORD}
	).raise_for_status()
	page = session.get(f"{address}/desk").text
	session.headers["X-Frappe-CSRF-Token"] = page.split('frappe.csrf_token = "')[1].split('"')[0]
	return session


def test_an_apps_hooks_reach_requests_and_the_desk(address, log):
	session = administrator(address)
	assert ("session", "Administrator") in log
	desk = session.get(f"{address}/desk")
	assert desk.headers["X-Tiny"] == "seen"
	for expected in ("/assets/tiny_app/tiny.js", "tiny was booted", "tiny was extended"):
		assert expected in desk.text
	form = session.get(f"{address}/api/method/frappe.desk.form.load.getdoctype?doctype=ToDo").text
	assert "tiny form script" in form and "tiny list script" in form
	count = session.get(f"{address}/api/method/frappe.client.get_count?doctype=User").json()
	assert count["message"] == 4711
	assert "HELLO" in session.get(f"{address}/tiny/hello").text
	report = session.get(f"{address}/api/method/frappe.desk.query_report.run?report_name=Tiny Report").json()
	assert report["message"]["result"] == [{"a": 1}]


def test_files_are_kept_public_or_private(address):
	session = administrator(address)

	def upload(name: str, is_private: int) -> str:
		reply = session.post(
			f"{address}/api/method/upload_file",
			files={"file": (name, b"content")},
			data={"is_private": is_private},
		)
		return address + reply.json()["message"]["file_url"]

	assert requests.get(upload("public.txt", 0)).content == b"content"
	private = upload("private.txt", 1)
	assert session.get(private).content == b"content"
	assert requests.get(private).status_code == 403


def test_lists_are_exported_and_pdf_output_says_why_not(address):
	session = administrator(address)
	todo = session.post(f"{address}/api/resource/ToDo", json={"description": "x"}).json()["data"]["name"]
	export = {"doctype": "User", "fields": '["name"]', "view": "List", "title": "Users"}
	url = f"{address}/api/method/frappe.desk.reportview.export_query"
	assert "Administrator" in session.get(url, params={**export, "file_format_type": "CSV"}).text
	assert session.get(url, params={**export, "file_format_type": "Excel"}).content.startswith(b"PK")
	pdf = session.get(
		f"{address}/api/method/frappe.utils.print_format.download_pdf",
		params={"doctype": "ToDo", "name": todo},
	)
	assert "makes no PDF files" in pdf.text


def test_the_desk_is_told_at_once_that_there_are_no_realtime_messages(address):
	assert requests.get(f"{address}/socket.io/?EIO=4").status_code == 404


def test_many_write_at_once_and_all_get_names_of_their_own(address):
	# The first name of a series is Frappe's own race: two writers of it can deadlock on MariaDB.
	session = administrator(address)
	assert session.post(f"{address}/api/resource/Tiny Thing", json={"title": "the first"}).ok
	names, refused = [], []

	def work(worker: int) -> None:
		session = administrator(address)
		for number in range(6):
			reply = session.post(f"{address}/api/resource/Tiny Thing", json={"title": f"{worker}-{number}"})
			(names if reply.ok else refused).append(reply.text[:500])

	threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert refused == []
	assert len(names) == 36
	assert frappe.db.count("Tiny Thing", {"title": ("like", "_-_")}) == 36


def test_commands_of_apps_run_on_a_site(tiny_site, capsys):
	from embedded.engine.apps import get_app_commands

	command = get_app_commands("tiny_app")["tiny-say"]
	command.main(["hello"], obj={"sites": [tiny_site.name]}, standalone_mode=False)
	assert capsys.readouterr().out == f"{tiny_site.name}: hello\n"


def test_two_threads_work_out_the_same_property_of_two_documents_at_once(tiny_site):
	"""One lock for all documents made two threads of a server wait for each other, for ever."""
	from frappe.model.base_document import cached_property

	both_are_at_it = threading.Barrier(2)

	class Document:
		@cached_property
		def meta(self):
			return both_are_at_it.wait(timeout=20)

	threads = [threading.Thread(target=getattr, args=(Document(), "meta")) for _ in range(2)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert not both_are_at_it.broken
