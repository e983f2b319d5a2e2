// Two ways to a new account transfer: from accounts selected in a list, and from a user's form.

const FROM_SELECTION = "crm_transparency.ownership.transfers.actions.preview_selection";

function add_to_list_actions() {
	const list_view = frappe.views.ListView.prototype;
	const standard_items = list_view.get_actions_menu_items;
	list_view.get_actions_menu_items = function () {
		const items = standard_items.call(this);
		if (is_tracked(this.doctype) && frappe.model.can_create("Account Transfer")) {
			items.push({
				label: __("Transfer to a colleague…"),
				action: () => ask_for_successor(this.doctype, this.get_checked_items(true)),
				standard: true,
			});
		}
		return items;
	};
}

function is_tracked(doctype) {
	return doctype in (frappe.boot.crm_transparency?.tracked_doctypes || {});
}

function ask_for_successor(doctype, names) {
	frappe.prompt(
		{
			fieldname: "successor",
			fieldtype: "Link",
			options: "User",
			label: __("Colleague"),
			reqd: 1,
			get_query: () => ({ filters: { enabled: 1, user_type: "System User" } }),
			description: __("You will see a preview before anything changes."),
		},
		async ({ successor }) => {
			const args = { doctype, names, successor };
			const { message } = await frappe.call({ method: FROM_SELECTION, args, freeze: true });
			frappe.set_route("Form", "Account Transfer", message);
		},
		__("Transfer {0} accounts", [names.length]),
		__("Preview")
	);
}

$(document).on("app_ready", () => {
	add_to_list_actions();
	frappe.ui.form.on("User", {
		refresh(frm) {
			if (frm.is_new() || !frappe.model.can_create("Account Transfer")) return;
			frm.add_custom_button(__("Transfer accounts…"), () =>
				frappe.new_doc("Account Transfer", { from_user: frm.docname })
			);
		},
	});
});
