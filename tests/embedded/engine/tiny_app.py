"""Writes a small app with a hook of every kind that an app like ours may use, so that tests can install it."""

import json
from pathlib import Path

HOOKS = """
app_name = "tiny_app"
app_title = "Tiny App"
app_publisher = "Nobody"
app_description = "Small"
app_email = "nobody@tiny.example"
app_license = "MIT"
required_apps = ["frappe/erpnext"]

before_install = "tiny_app.events.before_install"
after_install = "tiny_app.events.after_install"
before_uninstall = "tiny_app.events.before_uninstall"
after_uninstall = "tiny_app.events.after_uninstall"
after_sync = "tiny_app.events.after_sync"
before_migrate = "tiny_app.events.before_migrate"
after_migrate = "tiny_app.events.after_migrate"

app_include_js = "/assets/tiny_app/tiny.js"
doctype_js = {"ToDo": "public/todo.js"}
doctype_list_js = {"ToDo": "public/todo_list.js"}
boot_session = "tiny_app.events.boot_session"
extend_bootinfo = "tiny_app.events.extend_bootinfo"
on_session_creation = "tiny_app.events.on_session_creation"
website_route_rules = [{"from_route": "/tiny/<name>", "to_route": "tiny_page"}]
jinja = {"methods": ["tiny_app.events.shout"]}

doc_events = {
	"ToDo": {"validate": "tiny_app.events.validate_todo"},
	"*": {"on_change": "tiny_app.events.on_any_change"},
}
override_doctype_class = {"Note": "tiny_app.events.TinyNote"}
permission_query_conditions = {"Tiny Thing": "tiny_app.events.open_things_only"}
has_permission = {"Tiny Thing": "tiny_app.events.is_open"}

override_whitelisted_methods = {"frappe.client.get_count": "tiny_app.events.get_count"}
before_request = ["tiny_app.events.before_request"]
after_request = ["tiny_app.events.after_request"]
before_job = ["tiny_app.events.before_job"]
after_job = ["tiny_app.events.after_job"]
scheduler_events = {"hourly": ["tiny_app.events.hourly"], "cron": {"*/5 * * * *": ["tiny_app.events.five_minutes"]}}
"""

EVENTS = """
import frappe
from frappe.desk.doctype.note.note import Note

LOG = []


def log(*entry):
	LOG.append(entry)


def is_installed():
	return "tiny_app" in frappe.get_installed_apps()


def has_tables():
	return bool(frappe.db.exists("DocType", "Tiny Thing"))


def before_install():
	log("before_install", has_tables(), is_installed())


def after_install():
	log("after_install", has_tables(), is_installed(), frappe.db.count("Patch Log", {"patch": ("like", "tiny_app%")}))


def after_sync():
	log("after_sync", bool(frappe.db.exists("Role", "Tiny Role")))


def before_uninstall():
	log("before_uninstall", has_tables(), is_installed())


def after_uninstall():
	log("after_uninstall", has_tables(), is_installed())


def before_migrate():
	log("before_migrate")


def after_migrate():
	log("after_migrate")


def boot_session(bootinfo):
	bootinfo.tiny = "tiny was booted"


def extend_bootinfo(bootinfo):
	bootinfo.tiny_more = "tiny was extended"


def on_session_creation():
	log("session", frappe.session.user)


def shout(text):
	return text.upper()


def validate_todo(doc, method):
	doc.description += "!"


def on_any_change(doc, method):
	log("on_change", doc.doctype, doc.name)


class TinyNote(Note):
	def validate(self):
		super().validate()
		log("note")


def open_things_only(user):
	return "`tabTiny Thing`.title != 'secret'"


def is_open(doc, ptype=None, user=None):
	return doc.title != "secret"


@frappe.whitelist()
def get_count(doctype):
	return 4711


def before_request():
	frappe.flags.tiny = "seen"


def after_request(response, request):
	response.headers["X-Tiny"] = frappe.flags.tiny


def before_job(method):
	log("before_job", method)


def after_job(method, result):
	log("after_job", method, result)


def hourly():
	log("hourly")


def five_minutes():
	log("five_minutes")


def double(number):
	if number < 0:
		raise ValueError("negative")
	log("double", number, frappe.session.user)
	return number * 2
"""

COMMANDS = """
import click
from frappe.commands import get_site, pass_context


@click.command("tiny-say")
@click.argument("word")
@pass_context
def tiny_say(context, word):
	click.echo(f"{get_site(context)}: {word}")


commands = [tiny_say]
"""

LONG_AGO = {"modified": "2026-01-01 00:00:00", "creation": "2026-01-01 00:00:00"}

THING_FIELDS = [
	{"fieldname": "title", "fieldtype": "Data", "label": "Title", "unique": 1},
	{"fieldname": "moment", "fieldtype": "Datetime", "label": "Moment"},
	{"fieldname": "day", "fieldtype": "Date", "label": "Day"},
	{"fieldname": "clock", "fieldtype": "Time", "label": "Clock"},
	{"fieldname": "amount", "fieldtype": "Currency", "label": "Amount", "default": "1.5"},
	{
		"fieldname": "kind",
		"fieldtype": "Select",
		"label": "Kind",
		"options": "A\nB",
		"default": "A",
		"search_index": 1,
	},
	{"fieldname": "lines", "fieldtype": "Table", "label": "Lines", "options": "Tiny Line"},
]
TITLE = [{"fieldname": "title", "fieldtype": "Data", "label": "Title"}]


def write(folder: Path) -> Path:
	"""Write the package `tiny_app` into `folder`; returns the package's folder."""
	app = folder / "tiny_app"
	module = app / "tiny_module"
	_write(app / "__init__.py", '__version__ = "1.2.3"\n')
	_write(app / "hooks.py", HOOKS)
	_write(app / "events.py", EVENTS)
	_write(app / "commands.py", COMMANDS)
	_write(app / "modules.txt", "Tiny Module\n")
	_write(
		app / "patches.txt",
		"[pre_model_sync]\ntiny_app.patches.first\n[post_model_sync]\ntiny_app.patches.last\n",
	)
	for patch in ("first", "last"):
		_write(
			app / "patches" / f"{patch}.py",
			f'from tiny_app.events import log\n\n\ndef execute():\n\tlog("{patch}")\n',
		)
	_write(
		app / "fixtures" / "role.json", [{"doctype": "Role", "name": "Tiny Role", "role_name": "Tiny Role"}]
	)
	_write(app / "public" / "todo.js", "// tiny form script")
	_write(app / "public" / "todo_list.js", "// tiny list script")
	_write(app / "www" / "tiny_page.html", "<p>{{ shout(frappe.form_dict.name) }}</p>")
	_write_doctype(module, "Tiny Thing", THING_FIELDS, autoname="TT-.#####")
	_write_doctype(module, "Tiny Line", TITLE, istable=1)
	_write_doctype(module, "Tiny Counter", TITLE, autoname="autoincrement")
	_write_doctype(module, "Tiny Settings", TITLE, issingle=1)
	_write_record(module, "Page", "tiny-page", page_name="tiny-page", title="Tiny", standard="Yes", roles=[])
	_write_record(
		module,
		"Report",
		"Tiny Report",
		report_name="Tiny Report",
		ref_doctype="Tiny Thing",
		report_type="Script Report",
		is_standard="Yes",
		roles=[{"role": "System Manager"}],
	)
	_write(
		module / "report" / "tiny_report" / "tiny_report.py",
		'def execute(filters=None):\n\treturn [{"fieldname": "a", "label": "A", "fieldtype": "Data"}], [{"a": 1}]\n',
	)
	_write_record(module, "Workspace", "Tiny", label="Tiny", title="Tiny", public=1, content="[]")
	_write(module / "custom" / "todo.json", _custom_field_of_todo())
	for package in [app / "patches", *(path for path in module.rglob("*") if path.is_dir()), module]:
		(package / "__init__.py").touch()
	return app


def doctype_file(app: Path, name: str) -> Path:
	scrubbed = name.lower().replace(" ", "_")
	return app / "tiny_module" / "doctype" / scrubbed / f"{scrubbed}.json"


def _write_doctype(module: Path, name: str, fields: list[dict], **properties) -> None:
	scrubbed, classname = name.lower().replace(" ", "_"), name.replace(" ", "")
	folder = module / "doctype" / scrubbed
	everything = {
		"role": "System Manager",
		"read": 1,
		"write": 1,
		"create": 1,
		"delete": 1,
		"export": 1,
		"report": 1,
	}
	document = {
		"doctype": "DocType",
		"name": name,
		"module": "Tiny Module",
		"fields": fields,
		"field_order": [field["fieldname"] for field in fields],
		"permissions": [everything],
		"sort_field": "modified",
		**LONG_AGO,
		**properties,
	}
	_write(folder / f"{scrubbed}.json", document)
	_write(
		folder / f"{scrubbed}.py",
		f"from frappe.model.document import Document\n\n\nclass {classname}(Document):\n\tpass\n",
	)


def _write_record(module: Path, doctype: str, name: str, **values) -> None:
	scrubbed = name.lower().replace(" ", "_").replace("-", "_")
	document = {"doctype": doctype, "name": name, "module": "Tiny Module", **LONG_AGO, **values}
	_write(module / doctype.lower() / scrubbed / f"{scrubbed}.json", document)


def _custom_field_of_todo() -> dict:
	field = {
		"doctype": "Custom Field",
		"name": "ToDo-tiny",
		"dt": "ToDo",
		"fieldname": "tiny",
		"fieldtype": "Data",
		"label": "Tiny",
		"module": "Tiny Module",
		"insert_after": "description",
	}
	return {
		"doctype": "ToDo",
		"sync_on_migrate": 1,
		"custom_fields": [field],
		"property_setters": [],
		"custom_perms": [],
	}


def _write(path: Path, content) -> None:
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
