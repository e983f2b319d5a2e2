// What the parts of the wizard's page share. A part is a step's panel on the right side of the page:
//
//     crm_transparency.offboarding.parts.agreement = (step) => { step.$body.html(…); step.on(…) };
//
// `step` has: key, row (status, result, …), known (what the server knows), offboarding (names and dates), $body,
// run(arguments) (runs the step on the server and renders the page again), ask(…) and button(…), as described below.

frappe.provide("crm_transparency.offboarding.parts");

const offboarding = crm_transparency.offboarding;

offboarding.escape = (text) => frappe.utils.escape_html(String(text ?? ""));

offboarding.day = (date) => (date ? frappe.datetime.str_to_user(String(date).slice(0, 10)) : "");

offboarding.moment = (datetime) => (datetime ? frappe.datetime.str_to_user(String(datetime)) : "");

// a table of labels and values
offboarding.facts = (rows) => {
	const lines = rows
		.filter(([, value]) => value !== null && value !== undefined && value !== "")
		.map(
			([label, value]) =>
				`<dt>${offboarding.escape(label)}</dt><dd dir="auto">${offboarding.escape(value)}</dd>`
		);
	return `<dl class="wizard-facts">${lines.join("")}</dl>`;
};

offboarding.paragraphs = (sentences) =>
	sentences.map((sentence) => `<p dir="auto">${offboarding.escape(sentence)}</p>`).join("");

// what speaks against doing a step now, for a dialog
offboarding.warnings = (sentences) =>
	sentences
		.map((sentence) => `<p class="text-warning">${offboarding.escape(sentence)}</p>`)
		.join("");

offboarding.heading = (text) => `<h5>${offboarding.escape(text)}</h5>`;

offboarding.note = (text, color = "blue") =>
	`<p dir="auto" class="wizard-note indicator-pill no-indicator-dot ${color}">${offboarding.escape(
		text
	)}</p>`;

offboarding.file_link = (url) =>
	url && url.startsWith("/private/files/")
		? `<a href="${offboarding.escape(url)}" target="_blank" rel="noopener">${__("Open")}</a>`
		: "";

offboarding.table = (head, rows) => `
	<div class="wizard-table"><table class="table table-sm">
		<thead><tr>${head.map((label) => `<th scope="col">${offboarding.escape(label)}</th>`).join("")}</tr></thead>
		<tbody>${rows.map((cells) => `<tr>${cells.map((cell) => `<td dir="auto">${cell}</td>`).join("")}</tr>`).join("")}</tbody>
	</table></div>`;

offboarding.StepPart = class {
	constructor(wizard, row, known, $body) {
		this.wizard = wizard;
		this.key = row.step;
		this.row = row;
		this.known = known;
		this.offboarding = wizard.state.offboarding;
		this.$body = $body;
		this.$buttons = $(`<div class="wizard-buttons"></div>`);
	}

	// the primary button of the step is blue, the others are gray
	button(label, action, primary = false) {
		const kind = primary ? "btn-primary" : "btn-default";
		$(`<button class="btn btn-sm ${kind}"></button>`)
			.text(label)
			.on("click", action)
			.appendTo(this.$buttons);
		if (!this.$buttons.parent().length) this.$body.append(this.$buttons);
	}

	add(html) {
		this.$body.append(html);
		if (this.$buttons.parent().length) this.$body.append(this.$buttons);
	}

	run(args) {
		return this.wizard.run(this.key, args);
	}

	// lets the user upload a private file to the offboarding, and passes on its URL
	upload(then) {
		new frappe.ui.FileUploader({
			doctype: "Offboarding",
			docname: this.offboarding.name,
			allow_multiple: false,
			make_attachments_public: false,
			restrictions: { allowed_file_types: [".pdf", "image/*"] },
			on_success: (file) => then(file.file_url),
		});
	}

	// a dialog; its values are sent to the server as the step's arguments
	ask(title, fields, label, more = {}) {
		const dialog = new frappe.ui.Dialog({
			title,
			fields,
			primary_action_label: label,
			primary_action: async (values) => {
				dialog.disable_primary_action();
				try {
					if (await this.run({ ...more, ...values })) dialog.hide();
				} finally {
					dialog.enable_primary_action();
				}
			},
		});
		dialog.show();
		return dialog;
	}
};
