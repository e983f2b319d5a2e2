const LINKS = "crm_transparency.ringers.report_form";

frappe.ui.form.on("Ringer", {
	refresh(form) {
		// System Managers could read comments and files
		form.page.sidebar.addClass("hidden");
		form.footer?.wrapper.addClass("hidden");
		if (form.is_new()) return;
		form.add_custom_button(__("Personal link"), () => make_link(form), __("Watching"));
		form.add_custom_button(__("Revoke links"), () => revoke_links(form), __("Watching"));
		form.add_custom_button(__("Simulate a leak"), () => simulate_leak(form), __("Watching"));
	},
});

function make_link(form) {
	frappe.confirm(
		__(
			"Whoever has this link can report who contacted the ringer. Earlier links stop working at once."
		),
		async () => {
			const link = await frappe.xcall(`${LINKS}.make_link`, { ringer: form.doc.name });
			crm_transparency.ringers.show_once(__("Personal link"), link);
		}
	);
}

async function revoke_links(form) {
	await frappe.xcall(`${LINKS}.revoke_links`, { ringer: form.doc.name });
	frappe.show_alert({ message: __("Its links no longer work."), indicator: "green" });
}

async function simulate_leak(form) {
	const [{ rang, seconds, case: name }] = await frappe.xcall(
		"crm_transparency.ringers.drill.simulate_leak",
		{
			ringers: [form.doc.name],
		}
	);
	if (rang) frappe.set_route("Form", "Ringer Case", name);
	frappe.show_alert({
		message: rang
			? __("Detected after {0} seconds.", [seconds])
			: __("The test email wasn't detected."),
		indicator: rang ? "green" : "red",
	});
}
