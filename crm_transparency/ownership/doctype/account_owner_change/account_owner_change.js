frappe.ui.form.on("Account Owner Change", {
	refresh(frm) {
		const { reference_doctype, reference_name } = frm.doc;
		frm.add_custom_button(__("Open {0}", [__(reference_doctype)]), () =>
			frappe.set_route("Form", reference_doctype, reference_name)
		);
	},
});
