(() => {
	const { reports } = crm_transparency;

	frappe.query_reports["Who Exported This Record"] = {
		filters: reports.with_pages([
			{
				fieldname: "reference_doctype",
				label: __("Type"),
				fieldtype: "Select",
				options: ["", ...frappe.boot.crm_transparency.audited_doctypes],
			},
			{
				fieldname: "reference_name",
				label: __("Record"),
				fieldtype: "Dynamic Link",
				get_options: () => frappe.query_report.get_filter_value("reference_doctype"),
				// Frappe v15 sets filters from the address all at once, and would look for the record before its type;
				// and a record that was exported may have been deleted since
				ignore_link_validation: true,
			},
		]),
		onload(report) {
			reports.add_page_buttons(report);
			reports.add_export_button(report, "Export Log");
		},
		formatter: (value, row, column, data, default_formatter) =>
			reports.cell(value, row, column, data, default_formatter, links),
	};

	const links = {
		exported_on: ({ name }) => reports.document_url("Export Log", name),
	};
})();
