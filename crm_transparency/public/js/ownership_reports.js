// What the app's reports have in common: pages, safe cells with links, and exporting everything that matches.

const EXPORT = "frappe.desk.query_report.export_query";
const LEDGER = "Account Owner Change";
const MANAGERS = ["Transparency Manager", "Offboarding Manager", "HR Manager", "System Manager"];
const DAYS = 90;
const CHANNELS = [
	"List Export",
	"Report Export",
	"Data Export",
	"Import Template",
	"vCard",
	"Print",
	"API Read",
	"Scheduled Report",
	"Email Attachment",
	"File Download",
	"Backup Download",
	"Evidence Bundle",
];

frappe.provide("crm_transparency.reports");

Object.assign(crm_transparency.reports, {
	// only for what is worth showing: the server decides what may be seen
	is_manager: () => frappe.user.has_role(MANAGERS),

	period(days = DAYS) {
		const today = frappe.datetime.get_today();
		const from_date = frappe.datetime.add_days(today, 1 - days);
		return [
			{
				fieldname: "from_date",
				label: __("From"),
				fieldtype: "Date",
				default: from_date,
				reqd: 1,
			},
			{ fieldname: "to_date", label: __("To"), fieldtype: "Date", default: today, reqd: 1 },
		];
	},

	// Most readers may open no user: v16 refuses Link filters then, and v15 drops what it can't validate.
	person(fieldname, label, options = {}) {
		return {
			fieldname,
			label,
			fieldtype: "Dynamic Link",
			get_options: () => "User",
			ignore_link_validation: true,
			...options,
		};
	},

	// a filter by how exports left
	channel: () => ({
		fieldname: "channel",
		label: __("Channel"),
		fieldtype: "Select",
		options: ["", ...CHANNELS],
	}),

	// Filters of a report with pages: changing one goes back to the newest page.
	with_pages(filters) {
		const on_change = (report) => crm_transparency.reports.show_newest(report);
		const before = { fieldname: "before", fieldtype: "Data", hidden: 1 };
		return [...filters.map((filter) => ({ on_change, ...filter })), before];
	},

	show_newest(report) {
		report.get_filter("before").value = "";
		// Frappe v16 sets the filters from the address one by one, and refreshes afterwards
		if (!report._no_refresh) report.refresh(true);
	},

	add_page_buttons(report) {
		report.page.add_inner_button(__("Newest"), () => show_page(report, ""));
		report.page.add_inner_button(__("Older"), () => {
			const { next_page } = report.data?.at(-1) || {};
			if (next_page) return show_page(report, next_page);
			frappe.show_alert(__("There are no older entries in this period."));
		});
	},

	// v15's router ignores links to the report that is open, with other filters: let the browser follow them.
	follow_links_to_itself(report) {
		$(report.page.wrapper)
			.off("click.report-link")
			.on("click.report-link", ".report-link", (event) => {
				const { pathname, search } = event.currentTarget;
				if (search && pathname === window.location.pathname) event.stopPropagation();
			});
	},

	add_export_button(report, ledger = LEDGER) {
		if (!frappe.model.can_export(ledger)) return;
		report.page.add_menu_item(__("Export all matching rows"), () => {
			const formats = ["Excel", "CSV"];
			const field = {
				fieldname: "file_format_type",
				fieldtype: "Select",
				label: __("File format"),
				options: formats,
				default: formats[0],
				reqd: 1,
			};
			frappe.prompt(
				field,
				({ file_format_type }) => export_everything(report, file_format_type),
				__("Export")
			);
		});
	},

	// Format a cell: text escaped, and with a link where `links` has one for the column.
	cell(value, row, column, data, default_formatter, links) {
		const is_text = column.fieldtype === "Data";
		// Frappe writes whole numbers without the site's separators
		const is_count = column.fieldtype === "Int" && Number.isInteger(value);
		const html = is_text
			? frappe.utils.escape_html(value ?? "")
			: is_count
				? `<div style="text-align: right">${format_number(value, null, 0)}</div>`
				: default_formatter(value, row, column, data);
		const url = data && html !== "" && links[column.fieldname]?.(data);
		if (!url) return is_text ? `<span dir="auto" title="${html}">${html}</span>` : html;
		if (!is_text)
			return `<a class="report-link" href="${frappe.utils.escape_html(url)}">${html}</a>`;
		const href = frappe.utils.escape_html(url);
		return `<a class="report-link" dir="auto" href="${href}" title="${html}">${html}</a>`;
	},

	pill: (text, color) =>
		`<span class="indicator-pill no-indicator-dot ${color}">${frappe.utils.escape_html(
			text
		)}</span>`,

	// Let a report's charts with `counts` have no fractions on their axis. Frappe sets a chart's axis itself and keeps
	// one object for all reports.
	count_in_whole_numbers(report) {
		if (report.counts_in_whole_numbers) return;
		report.counts_in_whole_numbers = true;
		const { get_chart_options } = report;
		report.get_chart_options = function (data) {
			const options = get_chart_options.call(this, data);
			if (options?.counts) options.axisOptions.yAxisRange = { max: axis_end(options) };
			return options;
		};
	},

	url(report_name, filters) {
		const path = frappe.router.make_url(["query-report", report_name]);
		return `${path}?${new URLSearchParams(filters)}`;
	},

	list_url(doctype, filters) {
		const path = frappe.router.make_url([frappe.router.slug(doctype), "view", "list"]);
		return `${path}?${new URLSearchParams(filters)}`;
	},

	document_url: (doctype, name) => (name ? frappe.utils.get_form_link(doctype, name) : null),
});

// Frappe Charts divide what ends at 1, 2 or 10 into quarters
function axis_end({ barOptions, data: { labels, datasets } }) {
	const bars = labels.flatMap((_label, place) => {
		const counts = datasets.map(({ values }) => values[place]);
		return barOptions?.stacked ? counts.reduce((sum, count) => sum + count, 0) : counts;
	});
	const highest = Math.max(...bars);
	if (highest <= 2) return 3;
	return highest === 10 ? 12 : highest;
}

function show_page(report, cursor) {
	report.get_filter("before").set_value(cursor);
}

function export_everything(report, file_format_type) {
	open_url_post(frappe.request.url, {
		cmd: EXPORT,
		report_name: report.report_name,
		file_format_type,
		filters: { ...report.get_filter_values(), before: "", everything: 1 },
		applied_filters: {},
		custom_columns: [],
		visible_idx: [],
	});
}
