const ITEM_COLORS = {
	Pending: "blue",
	Transferred: "green",
	Skipped: "orange",
	Failed: "red",
	"Given Back": "gray",
	"Not Given Back": "orange",
};

frappe.listview_settings["Account Transfer Item"] = {
	hide_name_column: true,
	add_fields: ["reference_doctype", "reference_name"],
	get_indicator(item) {
		return [__(item.status), ITEM_COLORS[item.status], `status,=,${item.status}`];
	},
	button: {
		show: (item) => item.reference_name,
		get_label: () => __("Open"),
		get_description: (item) =>
			__("Open {0} {1}", [__(item.reference_doctype), item.reference_name]),
		action: (item) => frappe.set_route("Form", item.reference_doctype, item.reference_name),
	},
};
