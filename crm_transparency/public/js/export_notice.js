// Before an export, the Desk says what will be recorded and who can see it, and asks what the export is for.
//
// Frappe's export dialogs get the notice and the question as fields. Exports without a dialog get one. What was
// answered goes with the request; the server writes it to the Export Log.

const READ_NOTICE = "crm_transparency.export_audit.export_desk.read_export_notice";
const NOTICE = "transparency_notice";
const PURPOSE = "transparency_purpose";
// what tells an export dialog: exports of lists and reports, of the Data Import tool, and our own reports
const EXPORT_DIALOGS = [
	["file_format", "csv_delimiter"],
	["file_type", "export_records"],
	["file_format_type"],
];
const NOT_FOR_BLANK_TEMPLATES = "eval:doc.export_records !== 'blank_template'";

// the answer, while a dialog's button does its work
let given = null;

function watch_dialogs() {
	const dialog = frappe.ui.Dialog.prototype;
	const { make, set_primary_action } = dialog;
	dialog.make = function () {
		if (is_export_dialog(this)) add_fields(this);
		make.call(this);
		if (asks_purpose(this)) show_notice(this);
	};
	dialog.set_primary_action = function (label, click) {
		if (!click || !asks_purpose(this)) return set_primary_action.call(this, label, click);
		return set_primary_action.call(this, label, (values) => {
			const is_blank = values.export_records === "blank_template";
			if (is_refused(this) && !is_blank) return tell_who_gives_the_right(this);
			return with_purpose(values[PURPOSE], () => click.call(this, values));
		});
	};
}

function watch_requests() {
	const { open_url_post, open } = window;
	const { call } = frappe;
	window.open_url_post = function (url, parameters, ...rest) {
		if (!asks_before(parameters?.cmd || url))
			return open_url_post.call(this, url, parameters, ...rest);
		return know_purpose((purpose) =>
			open_url_post.call(this, url, { ...parameters, [PURPOSE]: purpose }, ...rest)
		);
	};
	window.open = function (url, ...rest) {
		if (!asks_before(url)) return open.call(this, url, ...rest);
		return know_purpose((purpose) =>
			open.call(this, `${url}&${new URLSearchParams({ [PURPOSE]: purpose })}`, ...rest)
		);
	};
	// exports that a background job makes
	frappe.call = function (options, ...rest) {
		if (given && options?.args && asks_before(options.method))
			options.args[PURPOSE] = given.purpose;
		return call.call(this, options, ...rest);
	};
}

function is_export_dialog({ fields }) {
	const names = (fields || []).map(({ fieldname }) => fieldname);
	return EXPORT_DIALOGS.some((known) => known.every((name) => names.includes(name)));
}

const asks_purpose = ({ fields }) => (fields || []).some(({ fieldname }) => fieldname === PURPOSE);

function add_fields(dialog) {
	const { fields } = dialog;
	const section = fields.findIndex(({ fieldtype }) => fieldtype === "Section Break");
	const place = section === -1 ? fields.length : section;
	const added = purpose_fields(NOT_FOR_BLANK_TEMPLATES);
	dialog.fields = [...fields.slice(0, place), ...added, ...fields.slice(place)];
}

function purpose_fields(depends_on) {
	return [
		{ fieldname: NOTICE, fieldtype: "HTML", depends_on },
		{
			fieldname: PURPOSE,
			fieldtype: "Data",
			length: 500,
			label: __("What is it for? (optional)"),
			depends_on,
		},
	];
}

async function show_notice(dialog) {
	const sentences = await read_notice(dialog);
	const $notice = $(`<div class="export-notice" role="note"></div>`);
	$notice.append(sentences.map((sentence) => $("<p>").text(sentence)));
	dialog.get_field(NOTICE).$wrapper.empty().append($notice);
	if (is_refused(dialog)) dialog.get_field(PURPOSE).$wrapper.addClass("hidden");
}

async function read_notice(dialog) {
	const args = is_refused(dialog) ? { doctype: exported_doctype(dialog) } : {};
	const { message } = await frappe.call({ method: READ_NOTICE, type: "GET", silent: true, args });
	return message;
}

// Frappe offers the export of a list to everybody, and answers those who may not with a bare page.
function is_refused(dialog) {
	const doctype = exported_doctype(dialog);
	return Boolean(doctype) && !frappe.model.can_export(doctype);
}

async function tell_who_gives_the_right(dialog) {
	const sentences = (await read_notice(dialog)).map(frappe.utils.escape_html);
	frappe.msgprint({ title: __("You can't export this"), message: sentences.join("<br>") });
}

// the dialog of the Data Import tool, which lists use, has a field named like the document type
function exported_doctype({ fields }) {
	if (!fields.some(({ fieldname }) => fieldname === "export_records")) return null;
	return fields.find(({ fieldtype }) => fieldtype === "MultiCheck")?.fieldname;
}

function asks_before(address) {
	const path = String(address || "").split("?")[0];
	const methods = frappe.boot.crm_transparency?.ask_before || [];
	return methods.some((method) => path === method || path.endsWith(`/${method}`));
}

function with_purpose(purpose, work) {
	given = { purpose: purpose || "" };
	try {
		return work();
	} finally {
		given = null;
	}
}

function know_purpose(go) {
	return given ? go(given.purpose) : ask(go);
}

function ask(go) {
	const dialog = new frappe.ui.Dialog({
		title: __("Before you download"),
		fields: purpose_fields(),
		primary_action_label: __("Download"),
		primary_action({ [PURPOSE]: purpose }) {
			dialog.hide();
			go(purpose || "");
		},
	});
	dialog.show();
}

$(document).on("app_ready", () => {
	watch_dialogs();
	watch_requests();
});
