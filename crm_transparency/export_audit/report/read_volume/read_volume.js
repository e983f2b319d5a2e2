(() => {
	const { reports } = crm_transparency;
	const DAYS = 30;

	frappe.query_reports["Read Volume"] = {
		filters: [
			...reports.period(DAYS),
			reports.person("person", __("Person"), { hidden: reports.is_manager() ? 0 : 1 }),
			{ fieldname: "reference_doctype", label: __("Type"), fieldtype: "Data" },
		],
		onload: (report) => reports.count_in_whole_numbers(report),
		formatter: (value, row, column, data, default_formatter) =>
			reports.cell(value, row, column, data, default_formatter, links),
	};

	const links = {
		person_name: ({ user, reference_doctype }) => {
			const { from_date, to_date } = frappe.query_report.get_filter_values();
			return reports.url("Read Volume", {
				from_date,
				to_date,
				person: user,
				reference_doctype,
			});
		},
	};
})();
