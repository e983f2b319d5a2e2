(() => {
	const { reports } = crm_transparency;

	frappe.query_reports["Employee Change Log"] = {
		filters: reports.with_pages([
			reports.person("user", __("Person"), {
				default: frappe.session.user,
				reqd: 1,
				read_only: reports.is_manager() ? 0 : 1,
			}),
			...reports.period(),
			{
				fieldname: "document_type",
				label: __("Type"),
				fieldtype: "Select",
				options: [
					"",
					...new Set([
						...Object.keys(frappe.boot.crm_transparency.tracked_doctypes),
						"Contact",
						"Address",
					]),
				],
				on_change(report) {
					report.get_filter("field").set_input("");
					offer_fields(report);
					reports.show_newest(report);
				},
			},
			{ fieldname: "field", label: __("Field"), fieldtype: "Autocomplete" },
		]),
		onload(report) {
			reports.add_page_buttons(report);
			reports.add_export_button(report);
			offer_fields(report);
		},
		formatter: (value, row, column, data, default_formatter) =>
			reports.cell(value, row, column, data, default_formatter, links),
	};

	const links = {
		document: ({ reference_doctype, reference_name }) =>
			reports.document_url(reference_doctype, reference_name),
	};

	function offer_fields(report) {
		const doctype = report.get_filter_value("document_type");
		if (!doctype) return;
		frappe.model.with_doctype(doctype, () => {
			const options = frappe.meta
				.get_docfields(doctype)
				.filter(
					(field) =>
						frappe.model.is_value_type(field) ||
						frappe.model.table_fields.includes(field.fieldtype)
				)
				.map(({ fieldname, label }) => ({
					value: fieldname,
					label: __(label) || fieldname,
				}));
			report.get_filter("field").set_data(options);
		});
	}
})();
