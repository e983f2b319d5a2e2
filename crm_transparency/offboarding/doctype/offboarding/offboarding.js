// The plain record. The work is done on the wizard's page.

const STEPS = {
	agreement: __("Agreement check"),
	interview: __("Exit interview and reaffirmation"),
	review: __("Review"),
	handover_plan: __("Handover plan"),
	introductions: __("Introductions"),
	transfer: __("Transfer"),
	access: __("Access ends"),
	ringer_watch: __("Ringer watch"),
	ending: __("A good ending"),
};

frappe.ui.form.on("Offboarding", {
	setup(form) {
		frappe.meta.get_docfield("Offboarding Step", "step").formatter = (step) =>
			frappe.utils.escape_html(STEPS[step] || step);
		form.set_query("manager", () => ({ filters: { enabled: 1, user_type: "System User" } }));
	},

	refresh(form) {
		if (form.is_new()) return;
		form.add_custom_button(__("Open the wizard"), () =>
			frappe.set_route("offboarding-wizard", form.doc.name)
		).addClass("btn-primary");
	},
});
