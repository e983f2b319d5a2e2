"""Attacks: junk for arguments of every method that the app answers, as guest and as everybody else."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator

import frappe
import frappe.handler
import pytest
from frappe.utils import add_days, nowdate
from frappe.utils.response import build_response

import crm_transparency
from tests.export_audit.requests import finish, request
from tests.people_and_accounts import acting_as, make_customer, make_user

pytestmark = pytest.mark.usefixtures("nothing_stays")

#: methods that people without a login call, each with a secret or a signature of its own
FOR_GUESTS = {
	"crm_transparency.offboarding.reaffirmation_page.confirm",
	"crm_transparency.offboarding.reaffirmation_page.read",
	"crm_transparency.ringers.inbound_webhook.receive",
	"crm_transparency.ringers.report_form.send",
}
SAVEPOINT = "junk"
#: sent for all arguments at once, by everybody
FEW = ("no {JSON", "-1", None, [])
#: sent for one argument after the other, too, by somebody who may do everything
JUNK = (*FEW, "", "no such thing", "null", "[null, {}]", -7, [["a"]], {"no": "such"})
#: junk for the arguments of an offboarding's steps
OF_STEPS = (
	("interview", {"action": "invite", "starts_on": "junk", "minutes": "x"}),
	("interview", {"no": "such"}),
	("review", {"action": "settle", "finding": None, "status": {}}),
	("review", {"action": "settle", "no": "such"}),
	("access", {"action": "plan", "ends_at": "junk", "jobs_to": "nobody"}),
	("access", {"action": "check", "item": "x", "status": 5, "note": []}),
	("access", {"action": "name", "no": "such"}),
	("introductions", {"action": "send", "letters_per_hour": "x"}),
	("ringer_watch", {"action": "x"}),
	("ending", {"action": "rehire", "no": "such"}),
)
ROLES = (
	("Sales User",),
	("Sales Manager", "Transparency Manager"),
	("HR Manager", "Offboarding Manager"),
	("System Manager",),
	("Ringer Manager",),
)
EVERYTHING = ("System Manager", "Transparency Manager", "HR Manager", "Ringer Manager", "Sales Manager")


@pytest.fixture
def nothing_stays(nothing_is_committed, monkeypatch):
	"""What a method takes back is what it did, not what the test prepared."""
	rollback = frappe.db.rollback
	monkeypatch.setattr(
		frappe.db, "rollback", lambda *, save_point=SAVEPOINT, **_more: rollback(save_point=save_point)
	)


def methods() -> dict[str, Callable]:
	for module in pkgutil.walk_packages(crm_transparency.__path__, "crm_transparency."):
		if ".patches" not in module.name:
			importlib.import_module(module.name)
	ours = [method for method in frappe.whitelisted if method.__module__.startswith("crm_transparency.")]
	return {f"{method.__module__}.{method.__name__}": method for method in ours}


def arguments_of(method: Callable) -> dict[str, bool]:
	"""Return the names of a method's arguments, and whether they have to be given."""
	parameters = inspect.signature(method).parameters.values()
	return {
		each.name: each.default is each.empty
		for each in parameters
		if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
	}


@pytest.fixture
def plausible(people) -> dict[str, object]:
	"""Values by which a method gets further than its first check, by the argument's name."""
	customer = make_customer(people[0])
	with acting_as(people[-1]):
		offboarding = frappe.call("crm_transparency.offboarding.wizard_api.start", user=people[0])
	return {
		"doctype": "Customer",
		"of_doctype": "Customer",
		"name": customer.name,
		"docname": customer.name,
		"of_name": customer.name,
		"names": json.dumps([customer.name]),
		"offboarding": offboarding,
		"user": people[0],
		"person": people[0],
		"successor": people[1],
		"business_owner": people[1],
		"reason": "They need it.",
		"doctypes": '["Customer"]',
		"step": "Agreement",
		"from_date": add_days(nowdate(), -7),
		"to_date": nowdate(),
		"role": "Sales User",
		"txt": "",
		"searchfield": "name",
		"filters": "{}",
		"start": 0,
		"page_len": 5,
		"count": 1,
		"goal_doctype": "Customer",
		"chart": json.dumps({"document_type": "Customer", "chart_type": "Count", "filters_json": "[]"}),
	}


@pytest.fixture
def people() -> list[str]:
	users = [make_user("Robin", *roles) for roles in ROLES]
	return [*users, make_user("Wanda", user_type="Website User"), make_user("Olga", *EVERYTHING)]


def called(method: str, function: Callable, arguments: dict) -> tuple[int, str]:
	"""Return the status and the text of Frappe's answer to a request, which leaves nothing behind."""
	http_method = frappe.allowed_http_methods_for_whitelisted_func[function][0]
	frappe.db.savepoint(SAVEPOINT)
	try:
		with request(f"/api/method/{method}", http_method):
			frappe.local.form_dict = frappe._dict(arguments, cmd=method)
			for check in frappe.get_hooks("auth_hooks"):
				frappe.call(check)
			frappe.handler.handle()
			answer = finish(build_response("json"))
			return answer.status_code, ""
	except Exception as error:
		return getattr(error, "http_status_code", 500), repr(error)
	finally:
		frappe.db.rollback()
		frappe.clear_messages()


def each_junk(names: dict[str, bool], given: dict) -> Iterator[dict]:
	"""Yield arguments of which all are junk, and those of which one is, the others being plausible."""
	yield from (dict.fromkeys(names, junk) for junk in FEW)
	for name in names if given else ():
		others = {other: given.get(other, "x") for other in names if other in given or names[other]}
		yield from ({**others, name: junk} for junk in JUNK)


def test_guests_reach_only_what_is_made_for_them():
	found = methods()
	open_to_guests = {name for name, method in found.items() if method in frappe.guest_methods}
	assert open_to_guests == FOR_GUESTS
	with acting_as("Guest"):
		for name, method in found.items():
			for junk in ("", "Customer", "[]"):
				status, text = called(name, method, dict.fromkeys(arguments_of(method), junk))
				expected = (200, 401, 417, 429) if name in FOR_GUESTS else (401, 403)
				assert status in expected, f"{name}: {status} {text}"


def test_junk_is_refused_and_never_fails(people, plausible):
	failed = {}
	for user in people:
		with acting_as(user):
			for name, method in methods().items():
				names = arguments_of(method)
				for arguments in each_junk(names, plausible if user == people[-1] else {}):
					status, text = called(name, method, arguments)
					if status >= 500:
						failed.setdefault(f"{name}: {text}", arguments)
	assert not failed, "\n".join(f"{what} {arguments}" for what, arguments in failed.items())


def test_junk_within_the_arguments_of_a_step_is_refused(people, plausible):
	run = "crm_transparency.offboarding.wizard_api.run"
	with acting_as(people[-1]):
		for step, junk in OF_STEPS:
			arguments = {"offboarding": plausible["offboarding"], "step": step, "arguments": json.dumps(junk)}
			status, text = called(run, methods()[run], arguments)
			assert status < 500, f"{step} {junk}: {text}"
