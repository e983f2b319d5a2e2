frappe.ui.form.on("Offboarding Template", {
	setup() {
		const labels = crm_transparency.offboarding.step_labels();
		const field = frappe.meta.get_docfield("Offboarding Template Step", "step");
		field.options = Object.entries(labels).map(([value, label]) => ({ value, label }));
		field.formatter = (step) => frappe.utils.escape_html(labels[step] || step);
	},

	refresh(form) {
		// rows that were loaded with the form have taken copies of the field already
		const { options } = frappe.meta.get_docfield("Offboarding Template Step", "step");
		form.fields_dict.steps.grid.update_docfield_property("step", "options", options);
	},
});
