const TRANSFER_COLORS = {
	Draft: "gray",
	Running: "blue",
	Paused: "orange",
	Completed: "green",
	Failed: "red",
	Undone: "gray",
};

frappe.listview_settings["Account Transfer"] = {
	add_fields: ["status"],
	get_indicator(transfer) {
		return [
			__(transfer.status),
			TRANSFER_COLORS[transfer.status],
			`status,=,${transfer.status}`,
		];
	},
};
