"""Every change of an account's owner, newest first, a page at a time."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

import frappe
from frappe import _
from frappe.query_builder import Case, Order
from frappe.query_builder.functions import Count
from frappe.utils import add_days, formatdate, get_datetime, getdate, nowdate
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.ledger import names
from crm_transparency.ownership import people, permissions, reasons
from crm_transparency.ownership.paging import Cursor, older_than
from crm_transparency.ownership.permissions import LEDGER
from crm_transparency.ownership.report import periods
from crm_transparency.ownership.report.pages import ReportPage, rows_of_a_page

SOURCE = "ledger"
