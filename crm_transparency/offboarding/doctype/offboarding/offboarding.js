// The plain record. The work is done on the wizard's page.

frappe.ui.form.on("Offboarding", {
	setup(form) {
		frappe.meta.get_docfield("Offboarding Step", "step").formatter = (step) =>
			frappe.utils.escape_html(crm_transparency.offboarding.step_labels()[step] || step);
		form.set_query("manager", () => crm_transparency.user_query());
		form.set_query("user", () => crm_transparency.user_query({ case: "leaver" }));
	},

	refresh(form) {
		if (form.is_new()) return;
		form.add_custom_button(__("Open wizard"), () =>
			frappe.set_route("offboarding-wizard", form.doc.name)
		).addClass("btn-primary");
	},
});
