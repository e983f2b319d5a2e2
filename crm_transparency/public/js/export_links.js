// From documents to what is known about their exports, and from users to what they did.

function who_exported_this(frm) {
	frappe.set_route("query-report", "Who Exported This Record", {
		reference_doctype: frm.doctype,
		reference_name: frm.docname,
	});
}

$(document).on("app_ready", () => {
	const { reports } = crm_transparency;
	for (const doctype of frappe.boot.crm_transparency?.audited_doctypes || []) {
		frappe.ui.form.on(doctype, {
			refresh(frm) {
				if (!frm.is_new())
					frm.page.add_menu_item(__("Who exported this?"), () => who_exported_this(frm));
			},
		});
	}
	frappe.ui.form.on("User", {
		refresh(frm) {
			if (frm.is_new() || !(reports.is_manager() || frm.docname === frappe.session.user))
				return;
			frm.add_custom_button(__("System events"), () =>
				frappe.set_route("query-report", "System Events", { user: frm.docname })
			);
		},
	});
});
