const UNDER_WAY = ["Queued", "Running"];
const LOOK_AGAIN_AFTER_MS = 2000;

frappe.ui.form.on("Evidence Bundle", {
	refresh(form) {
		form.disable_save();
		const { status, file, export_log } = form.doc;
		if (UNDER_WAY.includes(status)) {
			form.dashboard.set_headline(__("The bundle is being made. You can leave this page."));
			setTimeout(() => reload_if_shown(form), LOOK_AGAIN_AFTER_MS);
		}
		if (status === "Failed")
			form.dashboard.set_headline(
				__("The bundle wasn't made. The Error Log says why. Please make another one."),
				"red"
			);
		if (file) form.page.set_primary_action(__("Download"), () => window.open(file));
		if (export_log)
			form.add_custom_button(__("Export Log entry"), () =>
				frappe.set_route("Form", "Export Log", export_log)
			);
	},
});

function reload_if_shown(form) {
	if (window.cur_frm === form) form.reload_doc();
}
