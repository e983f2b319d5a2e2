(() => {
	const { reports } = crm_transparency;
	const COLORS = {
		Export: "blue",
		"Mail to the outside": "orange",
		Backup: "red",
		"Login from a new address": "purple",
		"Permission change": "yellow",
		Alert: "gray",
	};

	frappe.query_reports["System Events"] = {
		filters: [
			reports.person("user", __("Person"), {
				default: frappe.session.user,
				reqd: 1,
				read_only: reports.is_manager() ? 0 : 1,
			}),
			...reports.period(),
			{
				fieldname: "kind",
				label: __("Kind"),
				fieldtype: "Select",
				options: ["", ...Object.keys(COLORS)],
			},
		],
		onload: (report) => reports.count_in_whole_numbers(report),
		formatter(value, row, column, data, default_formatter) {
			if (column.fieldname === "kind_name" && data)
				return reports.pill(value, COLORS[data.kind]);
			return reports.cell(value, row, column, data, default_formatter, links);
		},
	};

	const links = {
		sentence: ({ reference_doctype, reference_name }) =>
			reports.document_url(reference_doctype, reference_name),
	};
})();
