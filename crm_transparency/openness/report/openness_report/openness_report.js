(() => {
	const { reports, openness } = crm_transparency;
	const escape = frappe.utils.escape_html;
	const MOST_NAMES = 6;
	const refresh = (report) => report.refresh();

	async function recalculate(report) {
		const { message: is_done } = await frappe.call({
			method: "crm_transparency.openness.report.openness_report.openness_report.recalculate",
			freeze: true,
		});
		if (is_done) return report.refresh();
		frappe.show_alert(
			__("Recalculating in the background. Please look again in a few minutes.")
		);
	}

	async function simplify_rules() {
		const method = "crm_transparency.openness.simpler_rules.propose";
		const { message } = await frappe.call({ method, type: "GET", freeze: true });
		openness.show(__("Simplest rules with the same effect"), proposal_html(message));
	}

	function proposal_html({ kinds, rules_before, rules_after, steps, org_chart }) {
		const counts = Object.entries(kinds).map(([kind, count]) => `${kind}: ${count}`);
		const today = rules_before
			? __("There are {0} rules ({1}).", [rules_before, counts.join(", ")])
			: __("No rule limits what people see of tracked documents.");
		const then = steps.length
			? __("{0} would hide exactly the same from the same people:", [rules_after])
			: __("None of them can be removed without showing or hiding something.");
		const advice = __(
			"Rules that copy the org chart have to change whenever the company does. For each, ask what would happen without it."
		);
		const proof = __(
			"Each step was checked by counting: everybody sees the same documents before and after, as things are today. Rules for document types that aren't tracked stay as they are."
		);
		return `
			<p>${escape(today)}</p>
			${rules_before ? `<p><b>${escape(then)}</b></p>` : ""}
			<ol class="openness-rules">${steps.map(step_html).join("")}</ol>
			${org_chart.map((sentence) => `<p>${escape(sentence)}</p>`).join("")}
			${org_chart.length ? `<p>${escape(advice)}</p>` : ""}
			${steps.length ? `<p class="text-muted">${escape(proof)}</p>` : ""}`;
	}

	function step_html({ text, people, rules_before, rules_after }) {
		const shown = people.slice(0, MOST_NAMES).join(", ");
		const more =
			people.length > MOST_NAMES
				? __("{0} and {1} more", [shown, people.length - MOST_NAMES])
				: shown;
		const counts = __("{0} → {1} rules", [rules_before, rules_after]);
		return `<li>${escape(text)} <span class="text-muted">${escape(
			[counts, more].filter(Boolean).join(" · ")
		)}</span></li>`;
	}

	frappe.query_reports["Openness Report"] = {
		filters: [
			{
				fieldname: "view",
				label: __("Show"),
				fieldtype: "Select",
				options: [
					{ value: "By person", label: __("By person") },
					{ value: "By role", label: __("By role") },
				],
				default: reports.is_manager() ? "By person" : "By role",
				reqd: 1,
				on_change: refresh,
			},
			{
				fieldname: "document_type",
				label: __("Type"),
				fieldtype: "Select",
				options: ["", ...Object.keys(frappe.boot.crm_transparency.tracked_doctypes)],
				on_change: refresh,
			},
			{
				fieldname: "role",
				label: __("Role"),
				fieldtype: "Dynamic Link",
				get_options: () => "Role",
				ignore_link_validation: true,
				on_change: refresh,
			},
			reports.person("person", __("Person"), { on_change: refresh }),
		],
		onload(report) {
			report.page.add_inner_button(__("Why can't I see this?"), () => openness.ask_why());
			if (!reports.is_manager()) return;
			report.page.add_inner_button(__("Recalculate"), () => recalculate(report));
			report.page.add_inner_button(__("Simplify rules"), simplify_rules);
		},
		formatter(value, row, column, data, default_formatter) {
			if (column.fieldname !== "narrowed_by" || !data)
				return reports.cell(value, row, column, data, default_formatter, {});
			const note = data.note ? [`(${escape(data.note)})`] : [];
			return [...data.rules.map(openness.rule_html), ...note].join("; ");
		},
	};
})();
