// What managers do from the Openness Report: count now, and look at a simpler set of rules.

(() => {
	const API = "crm_transparency.openness.seeing.api";
	const { openness } = crm_transparency;
	const escape = frappe.utils.escape_html;
	const MOST_NAMES = 6;

	openness.count_now = async (report) => {
		const { message: is_done } = await frappe.call({
			method: `${API}.count_now`,
			freeze: true,
		});
		if (is_done) return report.refresh();
		frappe.show_alert(__("It's being counted. Please look again in some minutes."));
	};

	openness.propose_simpler = async () => {
		const method = `${API}.simplest_equivalent_set`;
		const { message } = await frappe.call({ method, type: "GET", freeze: true });
		openness.show(__("The simplest rules that close the same"), html(message));
	};

	function html({ kinds, rules_before, rules_after, steps, org_chart }) {
		const counts = Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`);
		const there = rules_before
			? __("Rules in all: {0} ({1}).", [rules_before, counts.join(", ")])
			: __("No rule narrows what people see of tracked documents.");
		const then = steps.length
			? __("{0} would close exactly the same for the same people:", [rules_after])
			: __("None of them can go without opening or closing something.");
		const proven = __(
			"Every step was counted by the permission engine: each person sees the same documents before and after, as things stand today. Rules for document types that aren't tracked aren't touched."
		);
		return `
			<p>${escape(there)}</p>
			${rules_before ? `<p><b>${escape(then)}</b></p>` : ""}
			<ol class="openness-rules">${steps.map(step_html).join("")}</ol>
			${org_chart.map((sentence) => `<p>${escape(sentence)}</p>`).join("")}
			${org_chart.length ? `<p>${escape(advice())}</p>` : ""}
			${steps.length ? `<p class="text-muted">${escape(proven)}</p>` : ""}`;
	}

	const advice = () =>
		__(
			"Rules that copy the org chart have to change whenever the company does. Ask for each what would happen if it was open."
		);

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
})();
