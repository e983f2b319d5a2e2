"""An evidence bundle, as a manager gets it: asked for, made by a job, downloaded by those who may, and recorded."""

import hashlib
import io
import json
import secrets
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.http.client import JOB_SECONDS
from tests.http.conftest import first_leaf
from tests.http.test_exports import export_list, latest

pytestmark = pytest.mark.http

REPOSITORY = Path(__file__).parents[2]
ASK_FOR = "crm_transparency.export_audit.evidence.ask_for"


def ask_for(client, person, **arguments):
	return client.call(ASK_FOR, person=person, from_date="2020-01-01", to_date="2099-12-31", **arguments)


@pytest.fixture(scope="module")
def bundle(administrator, hr):
	"""A bundle about the administrator, who exports something first, made for HR."""
	make_customer(administrator)
	export_list(administrator)
	response = ask_for(hr, administrator.user, purpose="A test")
	assert response.ok, response.text
	name, deadline = response.json()["message"], time.monotonic() + JOB_SECONDS
	while (made := hr.read("Evidence Bundle", name))["status"] in ("Queued", "Running"):
		assert time.monotonic() < deadline, "the job didn't end"
		time.sleep(0.5)
	return made


def make_customer(client):
	client.create(
		"Customer",
		customer_name=f"Quayside Cinema {secrets.token_hex(4)}",
		customer_type="Company",
		customer_group=first_leaf(client, "Customer Group"),
		territory=first_leaf(client, "Territory"),
	)


def download(client, bundle):
	return client.session.get(client.address + bundle["file"], timeout=60)


def test_hr_gets_a_bundle_that_anybody_can_check(hr, bundle, tmp_path):
	assert bundle["status"] == "Ready"
	response = download(hr, bundle)
	assert response.ok
	assert hashlib.sha256(response.content).hexdigest() == bundle["file_sha256"]
	with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
		archive.extractall(tmp_path)
	[folder] = tmp_path.iterdir()
	subprocess.run(
		["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True, capture_output=True
	)
	result = subprocess.run(
		[sys.executable, "-S", "-m", "crm_transparency.ledger.verify", folder / "ledger.jsonl"],
		cwd=REPOSITORY,
		capture_output=True,
		text=True,
	)
	assert result.returncode == 0, result.stdout + result.stderr
	assert list((folder / "manifests").iterdir())


def test_making_and_downloading_are_both_recorded(administrator, hr, bundle):
	made = administrator.read("Export Log", bundle["export_log"])
	assert (made["channel"], made["user"]) == ("Evidence Bundle", hr.user)
	assert made["ip_address"] == "127.0.0.1"
	assert json.loads(made["filters"])["person"] == administrator.user
	download(hr, bundle)
	downloaded = latest(administrator, channel="File Download", user=hr.user)
	assert downloaded["file_sha256"] == made["file_sha256"]
	assert downloaded["row_count"] == made["row_count"]


def test_a_rep_neither_makes_nor_reads_nor_downloads_one(rep, bundle):
	assert ask_for(rep, rep.user).status_code == 403
	assert rep.session.get(f"{rep.address}/api/resource/Evidence Bundle/{bundle['name']}").status_code == 403
	response = download(rep, bundle)
	assert response.status_code == 403 and b"PK" not in response.content[:4]
	assert rep.session.get(f"{rep.address}/api/resource/Evidence Bundle").status_code == 403


def test_it_is_asked_for_with_post_only(hr, administrator):
	response = hr.call(
		ASK_FOR, "GET", person=administrator.user, from_date="2020-01-01", to_date="2020-01-02"
	)
	assert response.status_code in (403, 405)


def test_export_rights_over_http(administrator, rep):
	read = "crm_transparency.export_audit.export_rights.overview"
	change = "crm_transparency.export_audit.export_rights.change"
	overview = rep.call(read, http_method="GET").json()["message"]
	assert overview["rules"] and not overview["may_change"]
	rule = next(
		rule
		for rule in overview["rules"]
		if (rule["doctype"], rule["role"], rule["if_owner"]) == ("Customer", "Sales User", False)
	)
	allowed = rule["rights"]["export"]
	arguments = {"doctype": "Customer", "role": "Sales User", "right": "export"}
	assert rep.call(change, allowed=int(not allowed), **arguments).status_code == 403
	try:
		response = administrator.call(change, allowed=int(not allowed), **arguments)
		assert response.ok, response.text
		assert may_export(rep) is not allowed
	finally:
		administrator.call(change, allowed=int(allowed), **arguments)
	assert may_export(rep) is allowed
	[last, before] = rep.get_list(
		"Export Right Change",
		fields=["role", "permission", "value_before", "value_after"],
		order_by="name desc",
		limit_page_length=2,
	)
	assert (last["value_before"], last["value_after"]) == (before["value_after"], before["value_before"])


def may_export(client):
	response = client.call(
		"frappe.desk.reportview.export_query",
		doctype="Customer",
		fields=json.dumps(["`tabCustomer`.`name`"]),
		filters="[]",
		file_format_type="CSV",
		title="Customer",
	)
	return response.ok
