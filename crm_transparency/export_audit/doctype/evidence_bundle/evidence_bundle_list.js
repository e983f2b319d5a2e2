const COLORS = { Queued: "orange", Running: "blue", Ready: "green", Failed: "red" };

frappe.listview_settings["Evidence Bundle"] = {
	hide_name_column: true,
	get_indicator: ({ status }) => [__(status), COLORS[status], `status,=,${status}`],
	onload(list) {
		list.page.set_primary_action(__("Make evidence bundle"), () =>
			crm_transparency.evidence.ask()
		);
	},
	refresh(list) {
		list.page.set_primary_action(__("Make evidence bundle"), () =>
			crm_transparency.evidence.ask()
		);
	},
};
