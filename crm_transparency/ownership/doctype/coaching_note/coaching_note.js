frappe.ui.form.on("Coaching Note", {
	refresh(frm) {
		// nothing may be attached to a note, so there's no place for comments, files and tags
		frm.page.sidebar.addClass("hidden");
		frm.footer?.wrapper.addClass("hidden");
		frm.set_intro(); // a form that was just saved still has it
		frm.set_intro(__("Only the coach and the employee can read this note."), "blue");
		if (!frm.is_new() && frm.doc.coach !== frappe.session.user) frm.disable_form();
	},
});
