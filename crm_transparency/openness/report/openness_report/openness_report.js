(() => {
	const { reports, openness } = crm_transparency;
	const refresh = (report) => report.refresh();

	frappe.query_reports["Openness Report"] = {
		filters: [
			{
				fieldname: "view",
				label: __("Show"),
				fieldtype: "Select",
				options: [
					{ value: "By person", label: __("By person") },
					{ value: "By role", label: __("By role") },
				],
				default: reports.is_manager() ? "By person" : "By role",
				reqd: 1,
				on_change: refresh,
			},
			{
				fieldname: "document_type",
				label: __("Type"),
				fieldtype: "Select",
				options: ["", ...Object.keys(frappe.boot.crm_transparency.tracked_doctypes)],
				on_change: refresh,
			},
			{
				fieldname: "role",
				label: __("Role"),
				fieldtype: "Dynamic Link",
				get_options: () => "Role",
				ignore_link_validation: true,
				on_change: refresh,
			},
			reports.person("person", __("Person"), { on_change: refresh }),
		],
		onload(report) {
			report.page.add_inner_button(__("Why can't I see this?"), () => openness.ask_why());
			if (!reports.is_manager()) return;
			report.page.add_inner_button(__("Count now"), () => openness.count_now(report));
			report.page.add_inner_button(__("Simpler rules"), () => openness.propose_simpler());
		},
		formatter(value, row, column, data, default_formatter) {
			if (column.fieldname !== "narrowed_by" || !data)
				return reports.cell(value, row, column, data, default_formatter, {});
			const note = data.note ? [`(${frappe.utils.escape_html(data.note)})`] : [];
			return [...data.rules.map(openness.rule_html), ...note].join("; ");
		},
	};
})();
