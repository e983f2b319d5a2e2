const UNDER_WAY = ["Queued", "Running"];
const LOOK_AGAIN_AFTER_MS = 2000;

frappe.ui.form.on("Ledger Verification", {
	refresh(form) {
		form.disable_save();
		if (UNDER_WAY.includes(form.doc.status)) {
			form.dashboard.set_headline(
				__("The ledgers are being verified. You can leave this page.")
			);
			setTimeout(() => reload_if_shown(form), LOOK_AGAIN_AFTER_MS);
		}
	},
});

function reload_if_shown(form) {
	if (window.cur_frm === form) form.reload_doc();
}
