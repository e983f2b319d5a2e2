"""What a stored file holds is what was stored, byte by byte."""

import frappe
import pytest

from crm_transparency.crm_transparency import stored_files


@pytest.mark.parametrize(
	"content",
	[b"%PDF-1.4 caf\xe9", b"\x1f\x8b\x08 zip", "caf\u00e9 \u2713".encode()],
	ids=["pdf", "gzip", "text"],
)
def test_contents_are_read_as_they_were_stored(content):
	name = f"{frappe.generate_hash(length=8)}.bin"
	file = frappe.get_doc(doctype="File", file_name=name, content=content, is_private=1).insert()
	assert stored_files.contents(frappe.get_doc("File", file.name)) == content
