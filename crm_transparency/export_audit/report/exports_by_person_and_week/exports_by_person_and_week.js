(() => {
	const { reports } = crm_transparency;

	frappe.query_reports["Exports by Person and Week"] = {
		filters: [
			...reports.period(),
			reports.person("person", __("Person")),
			reports.channel(),
			{ fieldname: "reference_doctype", label: __("Type"), fieldtype: "Data" },
			{ fieldname: "everyone", label: __("Everyone"), fieldtype: "Check" },
		],
		tree: true,
		name_field: "person_name",
		initial_depth: 0,
		onload: (report) => reports.count_in_whole_numbers(report),
		formatter: (value, row, column, data, default_formatter) =>
			reports.cell(value, row, column, data, default_formatter, links),
	};

	const links = {
		exports: ({ user, impersonated_by, from_date, to_date }) => {
			const { channel, reference_doctype } = frappe.query_report.get_filter_values();
			return reports.list_url("Export Log", {
				user,
				impersonated_by: impersonated_by || JSON.stringify(["is", "not set"]),
				exported_on: JSON.stringify(["Between", [from_date, to_date]]),
				...(channel && { channel }),
				...(reference_doctype && { reference_doctype }),
			});
		},
	};
})();
