"""What each person can see: counts and reasons, the same as what Frappe's lists really show."""

import frappe
import pytest

from crm_transparency.openness import limiting_rules, limiting_user_permissions, opening_preview, visibility
from tests.openness.permissions_setup import limit, make_territory, readable_count, total_count
from tests.people_and_accounts import acting_as, make_customer, make_user


@pytest.fixture
def rita():
	return make_user("Rita")


def kinds(user, doctype="Customer"):
	return [rule.kind for rule in limiting_rules.limiting(user, doctype)]


def listed(user, doctype="Customer"):
	with acting_as(user):
		return len(frappe.get_list(doctype, limit_page_length=0))


def test_nothing_limits_whoever_sees_everything(rita):
	make_customer()
	assert readable_count(rita, "Customer") == total_count("Customer") == listed(rita)
	assert kinds(rita) == []


def test_without_a_role_that_may_read_nothing_is_seen_but_what_is_shared():
	hedi = make_user("Hedi", "HR Manager")
	customer = make_customer()
	if limiting_rules.role_may_read(hedi, "Customer"):
		pytest.skip("HR may read customers here")
	assert readable_count(hedi, "Customer") == 0
	assert kinds(hedi) == [limiting_rules.NO_ROLE]
	frappe.share.add("Customer", customer.name, hedi, read=1)
	assert readable_count(hedi, "Customer") == 1 == listed(hedi)
	assert kinds(hedi) == [limiting_rules.ONLY_SHARED]


def test_user_permissions_limit_directly_and_through_links(rita):
	north, south = make_territory("North"), make_territory("South")
	mine, other = make_customer(), make_customer()
	mine.db_set("territory", north)
	other.db_set("territory", south)
	limit(rita, "Territory", north)
	assert readable_count(rita, "Customer") == listed(rita) < total_count("Customer")
	[rule] = limiting_rules.limiting(rita, "Customer")
	assert (rule.kind, rule.source) == (limiting_rules.BY_USER_PERMISSION, "Territory")
	limit(rita, "Customer", mine.name)
	assert readable_count(rita, "Customer") == listed(rita) == 1
	assert kinds(rita) == [limiting_rules.BY_USER_PERMISSION] * 2


def test_user_permissions_include_what_is_below_unless_that_is_hidden(rita):
	region = make_territory("Region", is_group=1)
	town = make_territory("Town", parent=region)
	make_customer().db_set("territory", town)
	permission = limit(rita, "Territory", region)
	seen = readable_count(rita, "Customer")
	assert seen == listed(rita) >= 1
	permission.hide_descendants = 1
	permission.save()
	assert readable_count(rita, "Customer") == listed(rita) == seen - 1


def test_user_permissions_for_another_doctype_limit_nothing_here(rita):
	make_customer()
	limit(rita, "Territory", make_territory("North"), applicable_for="Lead")
	assert kinds(rita) == []
	assert readable_count(rita, "Customer") == total_count("Customer")
	assert kinds(rita, "Lead") == [limiting_rules.BY_USER_PERMISSION]


def test_a_field_that_ignores_user_permissions_limits_nothing(rita):
	frappe.make_property_setter(
		{
			"doctype": "Customer",
			"fieldname": "territory",
			"property": "ignore_user_permissions",
			"value": 1,
			"property_type": "Check",
		}
	)
	try:
		limit(rita, "Territory", make_territory("North"))
		assert "Territory" not in {rule.source for rule in limiting_rules.limiting(rita, "Customer")}
	finally:
		frappe.db.rollback()
		frappe.clear_cache(doctype="Customer")


def test_strict_user_permissions_count_empty_links_as_hidden(rita):
	make_customer().db_set("territory", None)
	limit(rita, "Territory", make_territory("North"))
	assert readable_count(rita, "Customer") == listed(rita) >= 1
	frappe.db.set_single_value("System Settings", "apply_strict_user_permissions", 1)
	forget_system_settings()
	try:
		assert readable_count(rita, "Customer") == listed(rita) == 0
	finally:
		frappe.db.rollback()
		forget_system_settings()


def forget_system_settings():
	frappe.clear_document_cache("System Settings", "System Settings")
	if hasattr(frappe.local, "system_settings"):
		del frappe.local.system_settings


def test_conditions_of_apps_are_named(rita, monkeypatch):
	make_customer(), make_customer()
	real = frappe.get_hooks

	def hooks(hook=None, *arguments, **keywords):
		found = real(hook, *arguments, **keywords)
		if hook == "permission_query_conditions":
			found = {**found, "Customer": [f"{__name__}.only_nobodys"]}
		return found

	real_attr, path = frappe.get_attr, f"{__name__}.only_nobodys"
	monkeypatch.setattr(frappe, "get_hooks", hooks)
	monkeypatch.setattr(frappe, "get_attr", lambda name: only_nobodys if name == path else real_attr(name))
	[rule] = limiting_rules.limiting(rita, "Customer")
	assert (rule.kind, rule.source) == (limiting_rules.BY_APP, path)
	assert readable_count(rita, "Customer") == listed(rita) == 0


def only_nobodys(user, doctype=None):
	assert frappe.session.user == user
	return "`tabCustomer`.name = 'nobody'"


def test_what_is_left_out_of_figures_is_in_no_count(rita, monkeypatch):
	ringer = make_customer()
	before = total_count("Customer"), readable_count(rita, "Customer")
	monkeypatch.setattr(visibility, "left_out", lambda doctype: frozenset({ringer.name}))
	assert (total_count("Customer"), readable_count(rita, "Customer")) == (
		before[0] - 1,
		before[1] - 1,
	)


def test_numbers_that_people_read_are_those_of_their_lists(rita, monkeypatch):
	"""Or the difference to the list would tell how many documents stay out."""
	ringer, customer = make_customer(), make_customer()
	monkeypatch.setattr(visibility, "left_out", lambda doctype: frozenset({ringer.name}))
	limit(rita, "Customer", customer.name)
	total = frappe.db.count("Customer")
	shown = shown_of(rita)
	assert opening_preview.people(["Customer"])["totals"] == {"Customer": total}
	assert shown["hidden_today"] == {"Customer": total - 1}
	[closing_one] = [each for each in limiting_user_permissions.limits(["Customer"]) if each["user"] == rita]
	assert closing_one["hides"] == [{"doctype": "Customer", "hidden": total - 1, "total": total}]


def shown_of(user):
	"""Return what the preview shows of somebody, wherever in its pages they are."""
	start, of = 0, 1
	while start < of:
		page = opening_preview.people(["Customer"], start)
		if found := [each for each in page["people"] if each["user"] == user]:
			return found[0]
		start, of = page["done"], page["of"]


def test_a_customer_who_was_added_since_the_last_look_is_hidden_from_nobody(rita):
	opening_preview.people(["Customer"])
	make_customer()
	shown = shown_of(rita)
	assert shown["hidden_today"] == {"Customer": 0}


def test_asking_leaves_the_session_as_it_was(rita):
	anna = make_user("Anna", "System Manager")
	with acting_as(anna):
		data = frappe.session.data
		limiting_rules.limiting(rita, "Customer")
		visibility.Counting().readable(
			rita, "Customer", if_roles_may_read=True, with_user_permissions_of=set()
		)
		assert frappe.session.user == anna and frappe.session.data is data


def test_it_can_be_asked_what_would_be_if(rita):
	north = make_territory("North")
	make_customer()
	limit(rita, "Territory", north)
	counting = visibility.Counting()
	assert counting.readable(rita, "Customer") < counting.total("Customer")
	assert counting.readable(rita, "Customer", with_user_permissions_of=set()) == counting.total("Customer")
	hedi = make_user("Hedi", "HR Manager")
	assert counting.readable(hedi, "Customer", if_roles_may_read=True) == counting.total("Customer")
	assert counting.readable(rita, "Customer") < counting.total("Customer")


def test_each_query_runs_once_however_many_people_share_it(monkeypatch):
	users = [make_user("Rita"), make_user("Ron"), make_user("Rob")]
	counting, asked = visibility.Counting(), []
	real = counting._run
	monkeypatch.setattr(counting, "_run", lambda *args: (asked.append(args), real(*args))[1])
	for user in users:
		counting.readable(user, "Customer")
	assert len(asked) == 1


def test_counting_for_many_agrees_with_each_persons_list():
	"""People with the same rules are counted once; whoever has rules, shares or documents of their own isn't mixed up."""
	north, south = make_territory("North"), make_territory("South")
	customers = [make_customer() for _number in range(4)]
	for customer, territory in zip(customers, (north, north, south, None), strict=True):
		customer.db_set("territory", territory)
	users = [make_user(name) for name in ("Rita", "Ron", "Rob", "Rhea")] + [make_user("Hedi", "HR Manager")]
	limit(users[1], "Territory", north)
	limit(users[2], "Territory", north)
	limit(users[3], "Territory", south)
	frappe.share.add("Customer", customers[2].name, users[2], read=1)
	counting = visibility.Counting()
	seen = {user: counting.readable(user, "Customer") for user in users}
	for user in users[:4]:
		assert seen[user] == listed(user), user
	assert seen[users[1]] == seen[users[2]] - 1
