// Fields in which a role is chosen: Frappe lets only System Managers look roles up, so the search is ours.

frappe.provide("crm_transparency.openness");

// Asked for at every refresh of a form, because each of its documents has field definitions of its own.
crm_transparency.openness.let_choose_role = (field, search) => {
	if (!field) return;
	field.get_query = () => ({ query: `crm_transparency.openness.choosing_roles.${search}` });
	// Frappe would ask with the reader's rights whether there is such a role; saving checks that anyway
	field.df.ignore_link_validation = true;
};
