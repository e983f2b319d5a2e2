// The wizard HR runs when a colleague leaves. What it does lies in public/js/offboarding, a file a step.

frappe.pages["offboarding-wizard"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("Offboarding"),
		single_column: true,
	});
	wrapper.wizard_ready = new Promise((resolve) =>
		frappe.require("offboarding_wizard.bundle.js", () =>
			resolve(new crm_transparency.offboarding.Wizard(page))
		)
	);
};

frappe.pages["offboarding-wizard"].on_page_show = async (wrapper) =>
	(await wrapper.wizard_ready).show_route();
