// "Why can't I see this?": on a document, where one was refused, in the search bar and in the Openness Report.

(() => {
	const METHOD = "crm_transparency.openness.seeing.api.why_not";
	const OPENED_A_FORM = "frappe.desk.form.load.getdoc";
	const REFUSED_OR_MISSING = [403, 404];
	const SECONDS = 20;
	const UNTIL_FRAPPE_HAS_SPOKEN = 600; // milliseconds
	const { openness, reports } = crm_transparency;
	const escape = frappe.utils.escape_html;

	openness.ask_why = (doctype, name) => {
		if (doctype && !reports.is_manager()) return answer(doctype, name);
		const dialog = new frappe.ui.Dialog({
			title: __("Why can't I see this?"),
			fields: fields(doctype, name),
			primary_action_label: __("Ask"),
			primary_action({ document_type, document_name, person }) {
				dialog.hide();
				answer(document_type, document_name, person);
			},
		});
		dialog.show();
	};

	function fields(doctype, name) {
		const asked = [
			{
				fieldname: "document_type",
				label: __("Type"),
				fieldtype: "Select",
				options: Object.keys(frappe.boot.crm_transparency.tracked_doctypes),
				default: doctype,
				reqd: 1,
			},
			{
				fieldname: "document_name",
				label: __("Its name (ID)"),
				fieldtype: "Data",
				default: name,
				reqd: 1,
				description: __("As in a link or a mail that names it."),
			},
		];
		if (!reports.is_manager()) return asked;
		return [
			...asked,
			reports.person("person", __("For whom? (Empty: for me)"), {
				description: __("Why can't this colleague see it?"),
			}),
		];
	}

	async function answer(of_doctype, of_name, person) {
		const { message } = await frappe.call({
			method: METHOD,
			type: "GET",
			args: { of_doctype, of_name, person: person || "" },
			freeze: true,
		});
		openness.show(__("Why can't I see this?"), html(message));
	}

	function html({ sentence, rules, fields, ask }) {
		const hidden = fields.map(
			({ label, rule }) => `<li>${escape(label)}: ${openness.rule_html(rule)}</li>`
		);
		const someone_to_ask = (rules.length || fields.length) && ask.length;
		return `
			<p>${escape(sentence)}</p>
			${rules.length ? openness.rules_html(rules) : ""}
			${hidden.length ? `<ul class="openness-rules">${hidden.join("")}</ul>` : ""}
			${
				someone_to_ask
					? `<p class="text-muted">${escape(
							__("Where nobody else is named, ask {0}.", [ask.join(", ")])
						)}</p>`
					: ""
			}`;
	}

	// Frappe says that a form can't be opened; offer the reason. A name that nobody has gets the same.
	$(document).ajaxComplete((_event, xhr, { url }) => {
		if (!url?.includes(OPENED_A_FORM) || !is_refused_or_missing(xhr)) return;
		const asked = new URLSearchParams(url.split("?")[1]);
		const doctype = asked.get("doctype");
		if (!frappe.boot.crm_transparency?.tracked_doctypes?.[doctype]) return;
		setTimeout(() => offer(() => answer(doctype, asked.get("name"))), UNTIL_FRAPPE_HAS_SPOKEN);
	});

	// Frappe answers with no document, and no error, where there is none
	const is_refused_or_missing = ({ status, responseJSON }) =>
		REFUSED_OR_MISSING.includes(status) || (status === 200 && !responseJSON?.docs?.length);

	function offer(ask) {
		const $link = $(`<a href="#" class="openness-why"></a>`).text(__("Why can't I see this?"));
		const dialog = frappe.msg_dialog;
		if (dialog?.display) {
			dialog.msg_area.append($("<p class='mt-3'>").append($link));
			on_click($link, ".openness-why", () => dialog.hide(), ask);
			return;
		}
		const message = $link.prop("outerHTML");
		const $alert = frappe.show_alert({ message, indicator: "orange" }, SECONDS);
		on_click($alert, ".openness-why", () => $alert.remove(), ask);
	}

	function on_click($place, selector, leave, ask) {
		$place.closest("*").on("click", (event) => {
			if (!$(event.target).is(selector)) return;
			event.preventDefault();
			leave();
			ask();
		});
	}

	$(document).on("app_ready", () => {
		frappe.search.utils.make_function_searchable(
			() => openness.ask_why(),
			__("Why can't I see this?")
		);
	});
})();
