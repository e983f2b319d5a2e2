frappe.listview_settings["Ledger Seal"] = {
	onload(list) {
		if (!frappe.user.has_role(["System Manager", "Transparency Manager"])) return;
		list.page.add_inner_button(__("Verify ledgers"), async () => {
			const { message: name } = await frappe.call({
				method: "crm_transparency.ledger.verification.start",
				freeze: true,
			});
			frappe.set_route("Form", "Ledger Verification", name);
		});
	},
};
