// A banner on top of the workspace that tells managers about access regressions.

frappe.provide("crm_transparency.openness");

(() => {
	const METHOD =
		"crm_transparency.openness.page.openness_setup.openness_setup.access_regressions";
	const WORKSPACE = "CRM Transparency";
	const MANAGERS = [
		"System Manager",
		"Transparency Manager",
		"HR Manager",
		"Offboarding Manager",
	];
	const MOST_SHOWN = 3;

	crm_transparency.openness.sentence = (finding) => {
		const escape = frappe.utils.escape_html;
		const when = finding.closed_on ? frappe.datetime.str_to_user(finding.closed_on) : "";
		const who = finding.closed_by
			? __("By {0}, {1}.", [finding.closed_by, when])
			: when
				? __("Since {0}.", [when])
				: __("There is no record of who did that.");
		return `${escape(finding.explanation)} <span class="text-muted">${escape(who)}</span>`;
	};

	crm_transparency.openness.address = (finding) => {
		const [path, query] = finding.looked_up_in.split("?");
		const route = path.split("/").map(encodeURIComponent).join("/");
		// in a query a plus stands for a space, and there are plusses in addresses
		const filters = query ? `?${encodeURI(query).replaceAll("+", "%2B")}` : "";
		return frappe.utils.escape_html(`/app/${route}${filters}`);
	};

	async function show() {
		$(".openness-banner").remove();
		if (!is_our_workspace() || !MANAGERS.some((role) => frappe.user.has_role(role))) return;
		const { message: findings } = await frappe.call({ method: METHOD, type: "GET" });
		$(".openness-banner").remove();
		if (findings.length && is_our_workspace()) place(findings);
	}

	function is_our_workspace() {
		const [view, ...names] = frappe.get_route() || [];
		return view === "Workspaces" && names[names.length - 1] === WORKSPACE;
	}

	function place(findings) {
		const shown = findings.slice(0, MOST_SHOWN).map(
			(finding) => `
				<li>${crm_transparency.openness.sentence(finding)}
				<a href="${crm_transparency.openness.address(finding)}">${__("Show")}</a></li>`
		);
		const more = may_set_up() ? `<a href="/app/openness-setup">${__("Show all")}</a>` : "";
		const title =
			findings.length === 1
				? __("1 access regression")
				: __("{0} access regressions", [findings.length]);
		$(`<div class="openness-banner" role="status">
			<b>${title}</b><ul>${shown.join("")}</ul>${more}
		</div>`).prependTo($(".layout-main-section:visible").first());
	}

	function may_set_up() {
		return ["System Manager", "Transparency Manager"].some((role) =>
			frappe.user.has_role(role)
		);
	}

	$(document).on("app_ready", () => {
		frappe.router.on("change", () => setTimeout(show, 300));
		show();
	});
})();
