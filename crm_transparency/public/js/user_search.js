// Frappe's search for users finds nobody for most people on some releases of v16, so the app has its own.

frappe.provide("crm_transparency");

// The query of a link to a user. `filters`: { case, but }, see user_search.py.
crm_transparency.user_query = (filters = {}) => ({
	query: "crm_transparency.crm_transparency.user_search.search",
	filters,
});
