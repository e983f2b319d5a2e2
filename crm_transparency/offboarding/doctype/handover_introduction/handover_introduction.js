// The leaver words and approves own letters here: the wizard isn't theirs to see.

frappe.ui.form.on("Handover Introduction", {
	refresh(frm) {
		frm.disable_form();
		frm.page.set_indicator(
			__(frm.doc.status),
			{ Approved: "blue", Sent: "green", Replied: "green", "No Address": "red" }[
				frm.doc.status
			] || "gray"
		);
		const went = ["Sent", "Replied"].includes(frm.doc.status);
		frm.add_custom_button(went ? __("Read letter") : __("Edit and approve"), () =>
			frappe.require("offboarding_wizard.bundle.js", () =>
				crm_transparency.offboarding.open_letter(frm.doc, () => frm.reload_doc())
			)
		).addClass("btn-primary");
	},
});
