// Two ways to a new account transfer: from accounts selected in a list, and from a user's form.

const ACTIONS = "crm_transparency.transfers.transfer_actions";

frappe.provide("crm_transparency.transfers");

let permission;

Object.assign(crm_transparency.transfers, {
	// or else only the reader's own; asked for once
	may_transfer_any() {
		permission ??= frappe
			.call({ method: `${ACTIONS}.may_transfer_any`, type: "GET", silent: true })
			.then(({ message }) => message);
		return permission;
	},
});

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
			get_query: () => crm_transparency.user_query(),
			description: __("You will see a preview before anything changes."),
		},
		async ({ successor }) => {
			const args = { doctype, names, successor };
			try {
				const method = `${ACTIONS}.preview_selection`;
				const { message } = await frappe.call({ method, args, freeze: true });
				frappe.set_route("Form", "Account Transfer", message);
			} catch {
				// the Desk has shown what the server says
			}
		},
		names.length === 1
			? __("Transfer one account")
			: __("Transfer {0} accounts", [names.length]),
		__("Preview")
	);
}

$(document).on("app_ready", () => {
	add_to_list_actions();
	frappe.ui.form.on("User", {
		async refresh(frm) {
			if (frm.is_new() || !frappe.model.can_create("Account Transfer")) return;
			const user = frm.docname;
			const is_permitted =
				user === frappe.session.user ||
				(await crm_transparency.transfers.may_transfer_any());
			// the reader may have moved on to another user meanwhile
			if (!is_permitted || frm.docname !== user) return;
			frm.add_custom_button(__("Transfer accounts…"), () =>
				frappe.new_doc("Account Transfer", { from_user: user })
			);
		},
	});
});
