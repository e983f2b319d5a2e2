frappe.listview_settings["Export Alert"] = {
	hide_name_column: true,
	get_indicator(alert) {
		const colors = { Open: "orange", Explained: "green", "Follow up": "blue" };
		const { status } = alert;
		return [__(status), colors[status], `status,=,${status}`];
	},
};
