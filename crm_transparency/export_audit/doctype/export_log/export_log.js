// An export: what only those concerned may know of it, and the records it held, a page at a time.

const READ_PAGE = "crm_transparency.export_audit.export_desk.read_manifest_page";
const RECORDS_OF_A_PAGE = 50;
const SEARCH_AFTER_MILLISECONDS = 300;

frappe.ui.form.on("Export Log", {
	refresh(frm) {
		const { details, title } = frm.doc.__onload || {};
		// the title field is the address of who exported
		if (title) frm.page.set_title(`${title}, ${rows(frm.doc.row_count)}`);
		show_details(frm, details);
		frm.toggle_display("records_section", Boolean(details && frm.doc.record_count));
		if (details && frm.doc.record_count) new ManifestRecords(frm).show(0);
	},
});

// Fields of another level stay hidden from people without a manager's role, those of their own exports, too.
function show_details(frm, details) {
	const is_shown_by_fields = frm.perm?.[1]?.read;
	const is_needed = Boolean(details) && !is_shown_by_fields;
	frm.toggle_display("details_section", is_needed);
	if (!is_needed) return;
	const $table = $(`<table class="table table-bordered"></table>`);
	for (const [fieldname, value] of Object.entries(details)) {
		if (!value) continue;
		const label = frappe.meta.get_label(frm.doctype, fieldname);
		$("<tr>")
			.append($("<th>").text(__(label)), $("<td>").text(value))
			.appendTo($table);
	}
	frm.get_field("details").$wrapper.empty().append($table);
}

class ManifestRecords {
	constructor(frm) {
		this.frm = frm;
		this.search = "";
		this.$search = $(`<input type="search" class="form-control input-sm manifest-search">`);
		this.$search.attr({ placeholder: __("Find a record"), "aria-label": __("Find a record") });
		this.$search.on(
			"input",
			frappe.utils.debounce(() => {
				this.search = this.$search.val();
				this.show(0);
			}, SEARCH_AFTER_MILLISECONDS)
		);
		this.$count = $(`<span class="text-muted" role="status"></span>`);
		this.$back = button(__("Back"), () => this.show(this.start - RECORDS_OF_A_PAGE));
		this.$next = button(__("Next"), () => this.show(this.start + RECORDS_OF_A_PAGE));
		this.$rows = $("<tbody></tbody>");
		const $tools = $(`<div class="manifest-tools"></div>`);
		frm.get_field("records")
			.$wrapper.empty()
			.addClass("manifest-records")
			.append(
				$tools.append(this.$search, this.$count, this.$back, this.$next),
				$(`<table class="table table-bordered"></table>`).append(this.$rows)
			);
	}

	async show(start) {
		const { search } = this;
		const { message: page } = await frappe.call({
			method: READ_PAGE,
			type: "GET",
			args: { export_log: this.frm.docname, start, length: RECORDS_OF_A_PAGE, search },
		});
		// somebody may have typed on meanwhile
		if (search !== this.search) return;
		this.start = start;
		const last = start + page.records.length;
		this.$count.text(
			page.total
				? __("{0} to {1} of {2}", [start + 1, last, page.total].map(number))
				: __("None")
		);
		this.$back.prop("disabled", start === 0);
		this.$next.prop("disabled", last >= page.total);
		this.$rows.empty().append(page.records.map(row));
	}
}

const rows = (count) => (count === 1 ? __("1 row") : __("{0} rows", [number(count)]));
const number = (count) => format_number(count, null, 0);

function button(label, on_click) {
	return $(`<button type="button" class="btn btn-default btn-xs"></button>`)
		.text(label)
		.on("click", on_click);
}

function row([doctype, name]) {
	const $link = $("<a></a>").attr("href", frappe.utils.get_form_link(doctype, name)).text(name);
	return $("<tr>").append($("<td>").text(__(doctype)), $("<td>").append($link));
}
