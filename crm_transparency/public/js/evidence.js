// Asking for an evidence bundle: a dialog, opened from the form of a user and from the list of bundles.

const ASK_FOR = "crm_transparency.export_audit.evidence.ask_for";
const MAKERS = ["Transparency Manager", "Offboarding Manager", "HR Manager", "System Manager"];
const DAYS = 90;

frappe.provide("crm_transparency.evidence");

crm_transparency.evidence.ask = (person) => {
	const today = frappe.datetime.get_today();
	const dialog = new frappe.ui.Dialog({
		title: __("Make evidence bundle"),
		fields: [
			{
				fieldname: "person",
				label: __("Person"),
				fieldtype: "Link",
				options: "User",
				get_query: () => crm_transparency.user_query({ case: "evidence" }),
				default: person,
				reqd: 1,
			},
			{
				fieldname: "from_date",
				label: __("From"),
				fieldtype: "Date",
				default: frappe.datetime.add_days(today, 1 - DAYS),
				reqd: 1,
			},
			{
				fieldname: "to_date",
				label: __("To"),
				fieldtype: "Date",
				default: today,
				reqd: 1,
			},
			{
				fieldname: "purpose",
				label: __("Purpose"),
				fieldtype: "Small Text",
				description: __("What it is for. Shown in the bundle and in the Export Log."),
			},
			{
				fieldname: "note",
				fieldtype: "HTML",
				options: `<p class="text-muted">${__(
					"The bundle contains the ledger entries about this person. Creating it is recorded, and so is each download."
				)}</p>`,
			},
		],
		primary_action_label: __("Make bundle"),
		async primary_action({ note, ...values }) {
			const { message: name } = await frappe.call({
				method: ASK_FOR,
				args: values,
				freeze: true,
			});
			dialog.hide();
			frappe.set_route("Form", "Evidence Bundle", name);
		},
	});
	dialog.show();
};

frappe.ui.form.on("User", {
	refresh(form) {
		if (form.is_new() || !frappe.user.has_role(MAKERS)) return;
		form.add_custom_button(__("Evidence bundle"), () =>
			crm_transparency.evidence.ask(form.doc.name)
		);
	},
});
