frappe.ui.form.on("Offboarding Template", {
	setup(form) {
		const labels = crm_transparency.offboarding.step_labels();
		const options = Object.entries(labels).map(([value, label]) => ({ value, label }));
		frappe.meta.get_docfield("Offboarding Template Step", "step").formatter = (step) =>
			frappe.utils.escape_html(labels[step] || step);
		form.fields_dict.steps.grid.update_docfield_property("step", "options", options);
	},
});
