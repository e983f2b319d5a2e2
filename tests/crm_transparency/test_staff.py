import frappe

from crm_transparency.crm_transparency import staff
from tests.people_and_accounts import make_user


def roles_of(user: str) -> list[str]:
	return frappe.get_all("Has Role", filters={"parent": user, "parenttype": "User"}, pluck="role")


def test_a_new_desk_user_is_a_colleague():
	assert "CRM Colleague" in roles_of(make_user("Rita", "Sales User"))


def test_a_website_user_never_is():
	user = make_user("Walt", user_type="Website User")
	assert "CRM Colleague" not in roles_of(user)
	assert frappe.db.get_value("User", user, "user_type") == "Website User"


def test_a_website_user_who_gets_desk_access_becomes_one():
	user = frappe.get_doc("User", make_user("Walt", user_type="Website User"))
	user.append_roles("Sales User")
	user.save()
	assert "CRM Colleague" in roles_of(user.name)


def test_a_role_taken_away_by_an_administrator_stays_away():
	user = frappe.get_doc("User", make_user("Rita"))
	user.remove_roles("CRM Colleague")
	user.reload()
	user.bio = "Sells advertising"
	user.save()
	assert "CRM Colleague" not in roles_of(user.name)


def test_a_role_profile_does_not_take_it_away():
	# a name of its own: Frappe locks a profile while a job spreads its roles, also when the transaction is undone
	profile = f"Sellers {frappe.generate_hash(length=6)}"
	frappe.get_doc(doctype="Role Profile", role_profile=profile, roles=[{"role": "Sales User"}]).insert()
	user = frappe.get_doc("User", make_user("Rita"))
	user.role_profile_name = profile
	if user.meta.has_field("role_profiles"):
		user.append("role_profiles", {"role_profile": profile})
	user.save()
	assert {"CRM Colleague", "Sales User"} <= set(roles_of(user.name))


def test_someone_who_comes_back_is_welcome_again():
	user = frappe.get_doc("User", make_user("Rita"))
	user.remove_roles("CRM Colleague")
	user.reload()
	user.enabled = 0
	user.save()
	user.enabled = 1
	user.save()
	assert "CRM Colleague" in roles_of(user.name)


def test_installing_welcomes_everyone_once():
	users = [make_user("Rita"), make_user("Ben")]
	frappe.db.delete("Has Role", {"role": "CRM Colleague", "parent": ("in", users)})
	website_user = make_user("Walt", user_type="Website User")
	assert staff.give_colleague_role_to_everyone() >= 2
	assert staff.give_colleague_role_to_everyone() == 0
	for user in users:
		assert roles_of(user).count("CRM Colleague") == 1
		assert "CRM Colleague" in frappe.get_roles(user)
	assert "CRM Colleague" not in roles_of(website_user)
	assert frappe.get_doc("User", users[0]).save()
