const COLORS = { Allowed: "orange", "Not Allowed": "green" };

frappe.listview_settings["Export Right Change"] = {
	hide_name_column: true,
	get_indicator: ({ value_after }) => [
		__(value_after),
		COLORS[value_after],
		`value_after,=,${value_after}`,
	],
	onload(list) {
		list.page.add_inner_button(__("Export rights"), () => frappe.set_route("export-rights"));
	},
};
