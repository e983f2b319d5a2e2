frappe.ui.form.on("Ringer Sighting", {
	refresh(form) {
		form.disable_save();
		form.page.sidebar.addClass("hidden");
		form.footer?.wrapper.addClass("hidden");
		form.page.set_title(form.doc.sender_name || form.doc.sender || __("Ringer Sighting"));
		form.set_df_property("ringer", "description", form.doc.__onload?.ringer_name || "");
		show_evidence(form);
		form.add_custom_button(
			form.doc.verdict === "Noise" ? __("Create case") : __("Open case"),
			async () => {
				const name = await frappe.xcall("crm_transparency.ringers.cases.promote", {
					sighting: form.doc.name,
				});
				frappe.set_route("Form", "Ringer Case", name);
			}
		);
	},
});

function show_evidence(form) {
	const files = JSON.parse(form.doc.evidence || "[]");
	form.toggle_display("evidence", false);
	const escape = frappe.utils.escape_html;
	const items = files.map((file, number) => {
		const address = `/api/method/crm_transparency.ringers.case_evidence.download?sighting=${encodeURIComponent(
			form.doc.name
		)}&number=${number}`;
		return `<li><a href="${address}" target="_blank" rel="noopener">${escape(file.name)}</a>
			<span class="text-muted">${escape(__(file.kind))}, ${frappe.form.formatters.FileSize(file.bytes)}</span>
			<div class="text-muted ringer-hash">SHA-256 ${escape(file.sha256)}</div></li>`;
	});
	form.fields_dict.evidence_html.$wrapper.html(
		items.length
			? `<ul class="ringer-evidence">${items.join("")}</ul>`
			: `<p class="text-muted">${__("No files.")}</p>`
	);
}
