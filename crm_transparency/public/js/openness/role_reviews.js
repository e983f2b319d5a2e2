// From a restriction that names a role, and from the role, to its reviews.

(() => {
	function offer_review(frm, role) {
		if (!role || frm.is_new()) return;
		frm.add_custom_button(__("Reviews of {0}", [__(role)]), () =>
			frappe.set_route("List", "Openness Review", { role })
		);
	}

	frappe.ui.form.on("Access Restriction", { refresh: (frm) => offer_review(frm, frm.doc.role) });
	frappe.ui.form.on("Role", { refresh: (frm) => offer_review(frm, frm.docname) });
})();
