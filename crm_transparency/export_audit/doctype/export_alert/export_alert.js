frappe.ui.form.on("Export Alert", {
	refresh(form) {
		add_links(form);
		if (form.perm[0]?.write) add_answers(form);
	},
});

function add_answers(form) {
	const { status } = form.doc;
	if (status !== "Explained") {
		form.add_custom_button(__("Mark as explained"), () =>
			ask_for_note(form, "Explained", true)
		);
	}
	if (status !== "Follow up") {
		form.add_custom_button(__("Follow up"), () => ask_for_note(form, "Follow up", false));
	}
}

function ask_for_note(form, status, is_required) {
	frappe.prompt(
		{
			fieldname: "note",
			fieldtype: "Small Text",
			label: is_required ? __("What was it?") : __("What needs to be done?"),
			default: form.doc.note,
			reqd: is_required,
		},
		async ({ note }) => {
			await form.set_value({ status, note });
			await form.save();
		},
		__(status),
		__("Save")
	);
}

function add_links(form) {
	const { export_log, user, day, rule } = form.doc;
	if (export_log) {
		form.add_custom_button(
			__("Export"),
			() => frappe.set_route("Form", "Export Log", export_log),
			__("View")
		);
	}
	form.add_custom_button(
		__("Exports of that day"),
		() =>
			frappe.set_route("List", "Export Log", "List", {
				user,
				exported_on: ["between", [day, day]],
			}),
		__("View")
	);
	if (rule === "Many Records Read") {
		form.add_custom_button(
			__("What was read that day"),
			() => frappe.set_route("List", "Read Volume", "List", { user, day }),
			__("View")
		);
	}
}
