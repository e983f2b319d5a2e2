(() => {
	const { reports } = crm_transparency;

	frappe.query_reports["My Exports"] = {
		filters: reports.with_pages([
			...reports.period(),
			reports.channel(),
			{ fieldname: "reference_doctype", label: __("Type"), fieldtype: "Data" },
		]),
		onload(report) {
			reports.count_in_whole_numbers(report);
			reports.add_page_buttons(report);
			reports.add_export_button(report, "Export Log");
		},
		formatter: (value, row, column, data, default_formatter) =>
			reports.cell(value, row, column, data, default_formatter, links),
	};

	const links = {
		happened_on: ({ name }) => reports.document_url("Export Log", name),
	};
})();
