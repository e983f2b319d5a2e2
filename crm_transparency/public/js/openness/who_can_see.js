// "Who can see this?" in the menu of every tracked document.

(() => {
	const METHOD = "crm_transparency.openness.seeing.api.who_can_see";
	const { openness } = crm_transparency;
	const escape = frappe.utils.escape_html;
	const MOST_ROLES = 3;

	async function who_can_see(frm) {
		const { message: answer } = await frappe.call({
			method: METHOD,
			type: "GET",
			args: { of_doctype: frm.doctype, of_name: frm.docname },
			freeze: true,
		});
		openness.show(__("Who can see this?"), html(answer));
	}

	function html({ people, open_to, closed }) {
		const sentence =
			open_to.length === people
				? __("All {0} colleagues can read this.", [people])
				: __("{0} of {1} colleagues can read this.", [open_to.length, people]);
		const shut = closed.map(
			({ rule, people }) => `
				<div class="openness-rule">
					<p><b>${people.length}</b> · ${openness.rule_html(rule)}</p>
					${list(people)}
				</div>`
		);
		return `
			<p><b>${escape(sentence)}</b></p>
			${closed.length ? `<h5>${__("Who can't, and by which rule")}</h5>` : ""}
			${shut.join("")}
			<details><summary>${escape(__("Who can ({0})", [open_to.length]))}</summary>${list(open_to)}</details>`;
	}

	const list = (people) => `<ul>${people.map(line).join("")}</ul>`;

	function line({ full_name, roles }) {
		const more = roles.length > MOST_ROLES ? ", …" : "";
		const shown = roles.slice(0, MOST_ROLES).join(", ") + more;
		const with_roles = shown ? ` <span class="text-muted">· ${escape(shown)}</span>` : "";
		return `<li>${escape(full_name)}${with_roles}</li>`;
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
	});
})();
