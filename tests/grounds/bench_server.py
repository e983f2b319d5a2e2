"""Serve one site of a bench, with its assets, on this machine only: `python bench_server.py SITE PORT`."""

import sys

import frappe.app
from werkzeug.serving import run_simple

if __name__ == "__main__":
	frappe.app._site, port = sys.argv[1], int(sys.argv[2])
	run_simple("127.0.0.1", port, frappe.app.application_with_statics(), threaded=True)
