// A rule that limits access, as the server describes it: a text, its business owner, and a link to it.

frappe.provide("crm_transparency.openness");

(() => {
	const { openness } = crm_transparency;
	const escape = frappe.utils.escape_html;

	openness.rule_html = ({ text, owner, link_doctype, link_name, link_filters }) => {
		const whom = owner
			? `. <span class="text-muted">${escape(__("Ask {0}.", [owner]))}</span>`
			: "";
		if (!link_doctype) return escape(text) + whom;
		const url = link_name
			? frappe.utils.get_form_link(link_doctype, link_name)
			: crm_transparency.reports.list_url(link_doctype, link_filters || {});
		return `<a href="${escape(url)}">${escape(text)}</a>${whom}`;
	};

	openness.rules_html = (rules) =>
		`<ul class="openness-rules">${rules
			.map((rule) => `<li>${openness.rule_html(rule)}</li>`)
			.join("")}</ul>`;

	// A dialog that only shows something. Links in it close it.
	openness.show = (title, html) => {
		const dialog = new frappe.ui.Dialog({
			title,
			fields: [{ fieldtype: "HTML", fieldname: "answer" }],
		});
		const $answer = dialog.get_field("answer").$wrapper.html(html).addClass("openness-answer");
		$answer.on("click", "a[href]", () => dialog.hide());
		dialog.show();
		return dialog;
	};
})();
