const CASE_COLORS = {
	Open: "red",
	"In Review": "orange",
	"Consistent with an Export": "purple",
	Cleared: "green",
	Noise: "gray",
	Drill: "blue",
};

frappe.listview_settings["Ringer Case"] = {
	hide_name_column: true,
	get_indicator: ({ status }) => [__(status), CASE_COLORS[status], `status,=,${status}`],
	onload(list) {
		list.page.add_inner_button(__("Simulate a leak"), simulate_leak);
	},
	refresh(list) {
		crm_transparency.ringers.show_senders(list, "crm_transparency.ringers.cases.senders_of");
	},
};

function simulate_leak() {
	frappe.prompt(
		[
			{
				fieldname: "way",
				fieldtype: "Select",
				label: __("Send by"),
				options: ["Webhook", "Mailbox"],
				default: "Webhook",
				reqd: 1,
			},
			{
				fieldname: "note",
				fieldtype: "HTML",
				options: `<p class="text-muted">${__(
					"A test email goes to the ringers that haven't been tested for the longest time, the same way as a real one. Its sightings are marked as a drill."
				)}</p>`,
			},
		],
		async ({ way }) => {
			const outcomes = await frappe.xcall("crm_transparency.ringers.drill.simulate_leak", {
				way,
			});
			const silent = outcomes.filter(({ rang }) => !rang);
			frappe.msgprint({
				title: silent.length ? __("Some ringers weren't detected") : __("Detection works"),
				indicator: silent.length ? "red" : "green",
				message: __("Ringers detected: {0} of {1}, after {2} seconds.", [
					outcomes.length - silent.length,
					outcomes.length,
					outcomes[0].seconds,
				]),
			});
			cur_list?.refresh();
		},
		__("Simulate a leak"),
		__("Send")
	);
}
