// Notes for people whom a restriction concerns: lists, and forms with hidden fields, say that something is restricted,
// why, and whom to ask. The server says what; for everybody else there is nothing to show and nothing to ask.

const { refresh } = frappe.views.BaseList.prototype;

frappe.views.BaseList.prototype.refresh = function (...args) {
	if (this.$frappe_list && !this.$restrictions)
		this.$restrictions = notes(this.doctype).insertBefore(this.$frappe_list);
	return refresh.apply(this, args);
};

$(document).on("form-refresh", (_event, frm) => {
	if (!frm.layout?.wrapper || frm.$restrictions) return;
	const has_hidden_fields = ({ kind }) => kind === "Hide Fields";
	frm.$restrictions = notes(frm.doctype, has_hidden_fields).insertBefore(frm.layout.wrapper);
});

function notes(doctype, is_shown = () => true) {
	const { texts, by_doctype } = frappe.boot.crm_transparency_restrictions || {};
	const shown = (by_doctype?.[doctype] || []).map((index) => texts[index]).filter(is_shown);
	const $notes = $(`<div class="restriction-notes" role="note"></div>`);
	$notes.attr("aria-label", __("Restricted"));
	// the server has escaped what people wrote in it
	for (const { text } of shown) $notes.append($("<p>").html(text));
	return $notes.toggleClass("hidden", !shown.length);
}
