frappe.listview_settings["Access Restriction"] = {
	get_indicator({ status }) {
		const colors = { Draft: "gray", Active: "orange", Expired: "red", Withdrawn: "green" };
		return [__(status), colors[status], `status,=,${status}`];
	},
};
