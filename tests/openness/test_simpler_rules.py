"""The simplest equivalent set: it hides exactly the same records from the same people."""

import secrets

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_transparency.crm_transparency.effective_permissions import in_the_eyes_of, supposing_exactly
from crm_transparency.openness import simpler_restrictions, simpler_rules, simpler_user_permissions
from crm_transparency.openness.simpler_user_permissions import Permission, Simplifier, Tree
from crm_transparency.restrictions.records import predicate
from tests.openness.permissions_setup import limit, make_territory, total_count
from tests.people_and_accounts import make_customer, make_lead, make_user
from tests.restrictions.registering import hide_customers, restrict

pytestmark = pytest.mark.usefixtures("no_other_rules")

PARENTS = {"root": None, "a": "root", "b": "root", "a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b"}


def names_seen(user, permissions, doctype="Customer"):
	with in_the_eyes_of(user), supposing_exactly(user, Simplifier().for_frappe(permissions)):
		return set(frappe.get_list(doctype, pluck="name", limit=0, user=user))


def simplified(user):
	return Simplifier().simplify(user, simpler_user_permissions.of_people()[user])


def of_allow(permissions, allow="Territory"):
	return {each.for_value for each in permissions if each.allow == allow}


@pytest.fixture
def region():
	"""A region with three towns and a customer in each; and a customer elsewhere. There are no other records."""
	for doctype in simpler_rules.Simplifier().doctypes:
		frappe.db.delete(doctype)
	region = make_territory("Region", is_group=1)
	towns = [make_territory(f"Town {number}", parent=region) for number in range(3)]
	for territory in (*towns, make_territory("Elsewhere")):
		make_customer().db_set("territory", territory)
	return frappe._dict(name=region, towns=towns)


def test_a_region_stands_for_all_its_towns(ana, region):
	for town in region.towns:
		limit(ana, "Territory", town)
	found = simplified(ana)
	assert of_allow(found.after) == {region.name}
	assert names_seen(ana, found.after) == names_seen(ana, found.before)
	[step] = [step for step in simpler_rules.propose()["steps"] if region.name in step["text"]]
	assert (step["rules_before"], step["rules_after"]) == (3, 1)


def test_a_region_doesnt_stand_for_its_towns_if_a_customer_is_in_the_region_itself(ana, region):
	make_customer().db_set("territory", region.name)
	for town in region.towns:
		limit(ana, "Territory", town)
	assert of_allow(simplified(ana).after) == set(region.towns)


def test_what_hides_nothing_and_what_others_hide_anyway_can_go(ana, ben, region):
	limit(ana, "Territory", region.name)
	group = frappe.db.get_value("Customer", {"territory": region.towns[0]}, "customer_group")
	limit(ana, "Customer Group", group)
	found = simplified(ana)
	assert names_seen(ana, found.after) == names_seen(ana, found.before)
	assert "Territory" in {each.allow for each in found.after}
	limit(ben, "Customer Group", frappe.db.get_value("Customer Group", {"is_group": 1}, order_by="lft"))
	assert simplified(ben).after == frozenset()


def test_the_same_user_permissions_of_many_become_restrictions_of_a_role(region):
	role = frappe.get_doc(doctype="Role", role_name=f"Region {secrets.token_hex(3)}").insert().name
	people = [make_user(f"Person{number}", "Sales User", role) for number in range(4)]
	for person in people:
		limit(person, "Territory", region.name, applicable_for="Customer")
	[found] = simpler_rules.simplest().roles
	assert set(found.people) == set(people) and found.role == role
	[restriction] = found.restrictions
	before = {person: names_seen(person, found.permissions) for person in people}
	frappe.db.delete("User Permission")
	frappe.cache.delete_value("user_permissions")
	olga = make_user("Olga", "Sales Manager")
	restrict("Customer", olga, role=role, record_filter=[list(each) for each in restriction.record_filter])
	for person in people:
		assert names_seen(person, frozenset()) == before[person]


def test_restrictions_within_others_can_be_withdrawn(ana, olga):
	small, large = make_customer(), make_customer()
	within = hide_customers([small.name], olga, user=ana)
	stays = hide_customers([small.name, large.name], olga, role="Sales User")
	empty = hide_customers(["No such customer"], olga, user=ana)
	found = {
		each.restriction.name: each.within and each.within.name for each in simpler_restrictions.redundant()
	}
	assert found == {within.name: stays.name, empty.name: None}


def test_of_two_equal_restrictions_one_stays(ana, olga):
	names = [make_customer().name]
	hide_customers(names, olga, user=ana)
	hide_customers(names, olga, user=ana)
	assert len(simpler_restrictions.redundant()) == 1


def test_branches_for_different_people_copy_a_tree(ana, ben, region):
	limit(ana, "Territory", region.towns[0])
	limit(ben, "Territory", region.towns[1])
	of_people = simpler_user_permissions.of_people()
	assert simpler_user_permissions.people_in_branches(Simplifier(), of_people) == {"Territory": {ana, ben}}
	assert simpler_rules.complexity().org_chart == 2
	assert any("Territory" in sentence for sentence in simpler_rules.propose()["org_chart"])


def test_superiors_who_see_what_their_people_see_copy_the_org_chart(ana, ben, region, monkeypatch):
	limit(ana, "Territory", region.name)
	limit(ben, "Territory", region.towns[1])
	monkeypatch.setattr(simpler_user_permissions, "reports_by_superior", lambda: {ana: {ben}})
	of_people = simpler_user_permissions.of_people()
	assert simpler_user_permissions.superiors(Simplifier(), of_people) == {"Territory": {ana, ben}}


def test_rules_are_counted_by_kind(ana, olga, region):
	limit(ana, "Territory", region.name)
	hide_customers([make_customer().name], olga, user=ana)
	counts = simpler_rules.counts()
	assert counts["User Permissions"] == 1 and counts["Restrictions"] == 1


@given(nodes=st.sets(st.sampled_from(sorted(PARENTS)), min_size=1))
def test_the_fewest_nodes_cover_every_leaf_that_the_nodes_cover_and_no_other(nodes):
	tree = Tree.from_parents(PARENTS)
	leaves = set(PARENTS) - set(tree.children)

	def leaves_of(some):
		return {leaf for node in some for leaf in tree.below(node)} & leaves

	fewest = tree.fewest(nodes)
	assert leaves_of(fewest) == leaves_of(nodes) and len(fewest) <= len(nodes)


@pytest.fixture
def random_world(connected_site):
	root = make_territory("World", is_group=1)
	tree = {"root": root}
	for node in ("a", "b"):
		tree[node] = make_territory(node, parent=root, is_group=1)
	for node in ("a1", "a2", "a3", "b1", "b2"):
		tree[node] = make_territory(node, parent=tree[node[0]])
	customers = [make_customer() for _ in range(6)]
	leads = [make_lead() for _ in range(3)]
	return frappe._dict(tree=tree, accounts=[*customers, *leads], user=make_user("Random"))


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_simplest_set_lets_everybody_see_the_same_records(random_world, data):
	"""Random territories of accounts, random User Permissions: names are compared, not counts."""
	world, nodes = random_world, sorted(PARENTS)
	for account in world.accounts:
		territory = data.draw(st.sampled_from([*nodes, None]))
		account.db_set("territory", world.tree.get(territory), update_modified=False)
	permission = st.builds(
		Permission,
		allow=st.just("Territory"),
		for_value=st.sampled_from([world.tree[node] for node in nodes]),
		applicable_for=st.sampled_from(["", "Customer"]),
		hide_descendants=st.sampled_from([0, 0, 0, 1]),
	)
	of_customers = st.builds(
		Permission,
		allow=st.just("Customer"),
		for_value=st.sampled_from([each.name for each in world.accounts if each.doctype == "Customer"]),
		applicable_for=st.just(""),
		hide_descendants=st.just(0),
	)
	permissions = data.draw(
		st.frozensets(st.one_of(permission, permission, of_customers), min_size=1, max_size=7)
	)
	found = Simplifier().simplify(world.user, permissions)
	assert len(found.after) <= len(permissions)
	for doctype in ("Customer", "Lead"):
		assert names_seen(world.user, found.after, doctype) == names_seen(world.user, permissions, doctype)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_restrictions_for_a_role_are_proposed_only_if_they_hide_the_same(random_world, data):
	world, nodes = random_world, sorted(PARENTS)
	for account in world.accounts:
		territory = data.draw(st.sampled_from([*nodes, None]))
		account.db_set("territory", world.tree.get(territory), update_modified=False)
	permissions = frozenset(
		Permission("Territory", world.tree[node], "", 0)
		for node in data.draw(st.sets(st.sampled_from(nodes), min_size=1, max_size=3))
	)
	simplifier = Simplifier()
	restrictions = tuple(simpler_restrictions.equivalent_restrictions(simplifier, permissions))
	proven = simpler_restrictions.hide_the_same(simplifier, world.user, permissions, restrictions)
	same = True
	for doctype in ("Customer", "Lead"):
		hidden = [predicate(each, doctype) for each in restrictions]
		condition = " or ".join(f"({sql})" for sql in hidden if sql) or "1 = 0"
		query = f"select name from `tab{doctype}` where ({condition}) is not true"
		seen_then = {name for (name,) in frappe.db.sql(query)}
		same &= seen_then == names_seen(world.user, permissions, doctype)
	assert proven == same
	assert total_count("Customer") >= 6
