// What the app adds to forms: a search for roles, links to reviews of a role, and the comment box for readers.

frappe.provide("crm_transparency.openness");

// Frappe lets only System Managers look roles up, so the search is ours. `filters`: { is_business: 1 } omits technical roles.
// Called at every refresh of a form, because each of its documents has field definitions of its own.
crm_transparency.openness.let_choose_role = (field, filters = {}) => {
	if (!field) return;
	field.get_query = () => ({ query: "crm_transparency.openness.role_search.search", filters });
	// Frappe would check with the reader's permissions whether the role exists; saving checks that anyway
	field.df.ignore_link_validation = true;
};

// Called when a form is set up, too: v16 looks a role up that comes with the address before it refreshes the form.
crm_transparency.openness.let_choose_role_in = (frm, filters) => {
	// on v15, a document whose field was looked at before has a copy of its own
	for (const name of [undefined, frm.docname])
		frappe.meta.get_docfield(frm.doctype, "role", name).ignore_link_validation = true;
	crm_transparency.openness.let_choose_role(frm.get_field("role"), filters);
};

// ERPNext hides the comment box on leads, opportunities and prospects in favor of notes, which only people who may write
// can add. So the box is shown to those who may only read.
$(document).on("form-refresh", (_event, frm) => {
	$(frm.wrapper).toggleClass("openness-comments-only", !frm.is_new() && !frm.has_perm("write"));
});

(() => {
	function add_reviews_button(frm, role) {
		if (!role || frm.is_new()) return;
		frm.add_custom_button(__("Reviews of {0}", [__(role)]), () =>
			frappe.set_route("List", "Openness Review", { role })
		);
	}

	frappe.ui.form.on("Access Restriction", {
		refresh: (frm) => add_reviews_button(frm, frm.doc.role),
	});
	frappe.ui.form.on("Role", { refresh: (frm) => add_reviews_button(frm, frm.docname) });
})();
