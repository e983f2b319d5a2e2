(() => {
	const { reports } = crm_transparency;
	const KINDS = Object.keys(crm_transparency.KIND_COLORS);
	const SOURCES = [
		"Form",
		"API",
		"Data Import",
		"Bulk Edit",
		"Account Transfer",
		"Background Job",
		"Untracked",
	];

	frappe.query_reports["Account Owner Changes"] = {
		filters: reports.with_pages([
			...reports.period(),
			{
				fieldname: "reference_doctype",
				label: __("Type"),
				fieldtype: "Select",
				options: ["", ...Object.keys(frappe.boot.crm_transparency.tracked_doctypes)],
			},
			{
				fieldname: "reference_name",
				label: __("Account"),
				fieldtype: "Dynamic Link",
				get_options: () => frappe.query_report.get_filter_value("reference_doctype"),
				// Frappe v15 sets filters from the address all at once, and would look for the account before its type
				ignore_link_validation: true,
			},
			{ fieldname: "kind", label: __("Kind"), fieldtype: "Select", options: ["", ...KINDS] },
			{
				fieldname: "source",
				label: __("Source"),
				fieldtype: "Select",
				options: ["", ...SOURCES],
			},
			{ fieldname: "takeovers", label: __("Only takeovers"), fieldtype: "Check" },
			reports.person("person", __("Person, in any role")),
			reports.person("previous_owner", __("Who had it")),
			reports.person("new_owner", __("Who got it")),
			reports.person("changed_by", __("Changed by")),
		]),
		onload(report) {
			reports.count_in_whole_numbers(report);
			reports.follow_links_to_itself(report);
			reports.add_page_buttons(report);
			reports.add_export_button(report);
		},
		formatter(value, row, column, data, default_formatter) {
			if (column.fieldname === "kind" && value)
				return reports.pill(__(value), crm_transparency.KIND_COLORS[value]);
			return reports.cell(value, row, column, data, default_formatter, links);
		},
	};

	const links = {
		changed_on: ({ name }) => reports.document_url("Account Owner Change", name),
		account_title: (change) =>
			reports.document_url(change.reference_doctype, change.reference_name),
		previous_owner_name: ({ previous_owner }) => all_changes_of(previous_owner),
		new_owner_name: ({ new_owner }) => all_changes_of(new_owner),
		taken_from_name: ({ taken_from }) => all_changes_of(taken_from),
		changed_by_name: ({ changed_by }) => all_changes_of(changed_by),
	};

	function all_changes_of(person) {
		const { from_date, to_date } = frappe.query_report.get_filter_values();
		return reports.url("Account Owner Changes", { from_date, to_date, person });
	}
})();
