frappe.listview_settings["Coaching Note"] = {
	hide_name_column: true,
	add_fields: ["status"],
	get_indicator({ status }) {
		const color = { Open: "orange", Agreed: "blue", Done: "green" }[status];
		return [__(status), color, `status,=,${status}`];
	},
};
