frappe.listview_settings["Ledger Verification"] = {
	get_indicator(verification) {
		const colors = {
			Queued: "gray",
			Running: "blue",
			"Nothing Found": "green",
			Findings: "red",
			Failed: "orange",
		};
		const { status } = verification;
		return [__(status), colors[status], `status,=,${status}`];
	},
};
