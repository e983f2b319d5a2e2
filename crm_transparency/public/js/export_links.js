// From documents to who exported them, and from people to what they did.

function who_exported_this(frm) {
	frappe.set_route("query-report", "Who Exported This Record", {
		reference_doctype: frm.doctype,
		reference_name: frm.docname,
	});
}

function offer_system_events(frm, user) {
	if (!user || frm.is_new()) return;
	if (!crm_transparency.reports.is_manager() && user !== frappe.session.user) return;
	frm.add_custom_button(__("System events"), () =>
		frappe.set_route("query-report", "System Events", { user })
	);
}

$(document).on("app_ready", () => {
	for (const doctype of frappe.boot.crm_transparency?.audited_doctypes || []) {
		frappe.ui.form.on(doctype, {
			refresh(frm) {
				if (!frm.is_new())
					frm.page.add_menu_item(__("Who exported this?"), () => who_exported_this(frm));
			},
		});
	}
	frappe.ui.form.on("User", { refresh: (frm) => offer_system_events(frm, frm.docname) });
	frappe.ui.form.on("Employee", { refresh: (frm) => offer_system_events(frm, frm.doc.user_id) });
	frappe.ui.form.on("Offboarding", { refresh: (frm) => offer_system_events(frm, frm.doc.user) });
});
