frappe.listview_settings["Export Log"] = {
	hide_name_column: true,
	add_fields: ["contact_data", "report_name", "channel", "row_count"],
	get_indicator({ channel, contact_data }) {
		const color = contact_data ? "orange" : "gray";
		return [__(channel), color, `channel,=,${channel}`];
	},
	formatters: {
		user: person,
		reference_doctype: (doctype, _field, { report_name, channel }) =>
			text(what(doctype, report_name, channel)),
	},
};

function what(doctype, report_name, channel) {
	if (report_name) return __("Report {0}", [__(report_name)]);
	if (doctype) return __(doctype);
	return channel === "Backup Download" ? __("Everything") : "";
}

function person(user) {
	return text(user ? frappe.user.full_name(user) : "");
}

// v16 puts what a formatter returns through $(), which takes an e-mail address for a selector
function text(content) {
	return `<span>${frappe.utils.escape_html(content)}</span>`;
}
