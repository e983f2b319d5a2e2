const SIGHTING_COLORS = { Open: "red", Noise: "gray", Drill: "blue" };

frappe.listview_settings["Ringer Sighting"] = {
	hide_name_column: true,
	filters: [["verdict", "!=", "Noise"]],
	get_indicator: ({ verdict }) => [__(verdict), SIGHTING_COLORS[verdict], `verdict,=,${verdict}`],
	refresh(list) {
		crm_transparency.ringers.show_senders(
			list,
			"crm_transparency.ringers.cases.senders_of_sightings"
		);
	},
};
