frappe.listview_settings["Export Log"] = {
	hide_name_column: true,
	add_fields: ["contact_data", "report_name", "channel", "row_count", "exported_on"],
	get_indicator({ channel, contact_data }) {
		const color = contact_data ? "orange" : "gray";
		return [__(channel), color, `channel,=,${channel}`];
	},
	formatters: {
		// the row's title: v16 hands over something else than the value, and both show what comes back as text
		user: (_title, _field, { user, exported_on }) =>
			crm_transparency.full_name_at(user, exported_on),
		// v16 puts what a formatter returns for other columns through $()
		reference_doctype: (_value, _field, entry) =>
			`<span>${frappe.utils.escape_html(`${what(entry)}: ${rows(entry)}`)}</span>`,
	},
};

function what({ reference_doctype, report_name, channel }) {
	if (report_name) return __("Report {0}", [__(report_name)]);
	if (reference_doctype) return __(reference_doctype);
	return channel === "Backup Download" ? __("Everything") : __("A file");
}

function rows({ row_count }) {
	return row_count === 1 ? __("1 row") : __("{0} rows", [format_number(row_count, null, 0)]);
}
