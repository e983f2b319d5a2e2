// "Who can see this?" and "Why can't I see this?": in the menu of tracked documents, where a document was refused, in the
// search bar, and in the Openness Report.

(() => {
	const METHODS = "crm_transparency.openness.access_answers";
	const OPENED_A_FORM = "frappe.desk.form.load.getdoc";
	const REFUSED_OR_MISSING = [403, 404];
	const ALERT_SECONDS = 20;
	const WAIT_FOR_MESSAGE = 2000; // milliseconds
	const CHECK_EVERY = 100; // milliseconds
	const MOST_ROLES = 3;
	const { openness, reports } = crm_transparency;
	const escape = frappe.utils.escape_html;

	async function who_can_see(frm) {
		const { message: answer } = await frappe.call({
			method: `${METHODS}.who_can_see`,
			type: "GET",
			args: { of_doctype: frm.doctype, of_name: frm.docname },
			freeze: true,
		});
		openness.show(__("Who can see this?"), who_html(answer));
	}

	function who_html({ people, can_read, hidden_from }) {
		const sentence =
			can_read.length === people
				? __("All {0} colleagues can read this.", [format_number(people, null, 0)])
				: __("{0} of {1} colleagues can read this.", [
						format_number(can_read.length, null, 0),
						format_number(people, null, 0),
					]);
		const rules = hidden_from.map(
			({ rule, people }) => `
				<div class="openness-rule">
					<p><b>${people.length}</b> · ${openness.rule_html(rule)}</p>
					${people_html(people)}
				</div>`
		);
		return `
			<p><b>${escape(sentence)}</b></p>
			${rules.length ? `<h5>${__("Who can't, and why")}</h5>` : ""}
			${rules.join("")}
			<details><summary>${escape(__("Who can ({0})", [can_read.length]))}</summary>${people_html(can_read)}</details>`;
	}

	const people_html = (people) => `<ul>${people.map(person_html).join("")}</ul>`;

	function person_html({ full_name, roles }) {
		const more = roles.length > MOST_ROLES ? ", …" : "";
		const shown = roles.slice(0, MOST_ROLES).join(", ") + more;
		const with_roles = shown ? ` <span class="text-muted">· ${escape(shown)}</span>` : "";
		return `<li>${escape(full_name)}${with_roles}</li>`;
	}

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
				label: __("Name (ID)"),
				fieldtype: "Data",
				default: name,
				reqd: 1,
				description: __("As in a link or an email."),
			},
		];
		if (!reports.is_manager()) return asked;
		return [
			...asked,
			reports.person("person", __("Person"), {
				description: __("Leave empty to ask for yourself."),
			}),
		];
	}

	async function answer(of_doctype, of_name, person) {
		const { message } = await frappe.call({
			method: `${METHODS}.why_not`,
			type: "GET",
			args: { of_doctype, of_name, person: person || "" },
			freeze: true,
		});
		openness.show(__("Why can't I see this?"), why_html(message));
	}

	function why_html({ sentence, rules, fields, ask }) {
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
							__("If no owner is named, ask {0}.", [ask.join(", ")])
						)}</p>`
					: ""
			}`;
	}

	// Where Frappe says that a form can't be opened, offer the reason, also for a name that doesn't exist.
	$(document).ajaxComplete((_event, xhr, { url }) => {
		if (!url?.includes(OPENED_A_FORM) || !is_refused_or_missing(xhr)) return;
		const asked = new URLSearchParams(url.split("?")[1]);
		const doctype = asked.get("doctype");
		if (!frappe.boot.crm_transparency?.tracked_doctypes?.[doctype]) return;
		when_frappe_shows_its_message(() => offer(() => answer(doctype, asked.get("name"))));
	});

	// Frappe shows a message only in some of these cases, and sooner or later
	function when_frappe_shows_its_message(then, waited = 0) {
		if (frappe.msg_dialog?.display || waited >= WAIT_FOR_MESSAGE) return then();
		setTimeout(() => when_frappe_shows_its_message(then, waited + CHECK_EVERY), CHECK_EVERY);
	}

	// Frappe answers without a document or an error if none exists
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
		const $alert = frappe.show_alert({ message, indicator: "orange" }, ALERT_SECONDS);
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
		for (const doctype of Object.keys(frappe.boot.crm_transparency?.tracked_doctypes || {})) {
			frappe.ui.form.on(doctype, {
				refresh(frm) {
					if (frm.is_new()) return;
					frm.page.add_menu_item(__("Who can see this?"), () => who_can_see(frm));
					frm.page.add_menu_item(__("Why can't I see this?"), () =>
						openness.ask_why(frm.doctype, frm.docname)
					);
				},
			});
		}
		frappe.search.utils.make_function_searchable(
			() => openness.ask_why(),
			__("Why can't I see this?")
		);
	});
})();
