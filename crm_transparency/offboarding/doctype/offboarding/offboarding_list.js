frappe.listview_settings["Offboarding"] = {
	add_fields: ["status"],

	get_indicator({ status }) {
		const colors = {
			Draft: "red",
			"In Progress": "orange",
			Completed: "green",
			Cancelled: "gray",
		};
		return [__(status), colors[status], `status,=,${status}`];
	},
};
