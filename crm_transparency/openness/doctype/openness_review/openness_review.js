const COLORS = { Draft: "gray", Signed: "green", Replaced: "blue" };

frappe.ui.form.on("Openness Review", {
	setup(frm) {
		frm.set_query("business_owner", () => crm_transparency.user_query());
		crm_transparency.openness.let_choose_role_in(frm, { is_business: 1 });
	},

	refresh(frm) {
		crm_transparency.openness.let_choose_role_in(frm, { is_business: 1 });
		explain_status(frm);
		if (frm.is_new()) return;
		if (frm.doc.status !== "Draft") frm.disable_form();
		if (frm.doc.status === "Draft" && frm.doc.__onload?.may_sign)
			frm.add_custom_button(__("Sign"), () => sign(frm));
		if (frm.doc.status === "Signed" && frappe.model.can_create("Openness Review"))
			frm.add_custom_button(__("New version"), () => new_version(frm));
		frm.add_custom_button(__("Show restrictions"), () =>
			frappe.set_route("List", "Access Restriction", { role: frm.doc.role })
		);
	},
});

function explain_status(frm) {
	frm.set_intro();
	const is_mine = frm.doc.business_owner === frappe.session.user;
	const owner = frappe.utils.escape_html(frappe.user.full_name(frm.doc.business_owner));
	const draft = is_mine
		? __("Draft until you sign it.")
		: __("Draft until {0} signs it.", [owner]);
	const sentences = {
		Draft: frm.is_new() ? "" : draft,
		Signed: __("Signed and final. Create a new version when something changes."),
		Replaced: __("Replaced by a newer version."),
	};
	const sentence = sentences[frm.doc.status];
	if (sentence) frm.set_intro(sentence, COLORS[frm.doc.status]);
}

async function sign(frm) {
	if (frm.is_dirty()) await frm.save();
	const send = async (values) => {
		const method = "crm_transparency.openness.doctype.openness_review.openness_review.sign";
		await frappe.call({ method, args: { review: frm.doc.name, ...values }, freeze: true });
		frm.reload_doc();
	};
	const note = {
		fieldname: "approval_note",
		fieldtype: "Small Text",
		label: __("How did the business owner approve this?"),
		reqd: 1,
	};
	if (frappe.session.user === "Administrator") frappe.prompt(note, send, __("Sign"), __("Sign"));
	else
		frappe.confirm(__("Sign these answers? They can't be changed afterwards."), () => send({}));
}

function new_version(frm) {
	const kept = ["role", "business_owner", "conclusion"];
	const questions = [
		"legal_or_compliance_reason",
		"needed_for_the_job",
		"extracts_or_syncs_data",
		"privacy_of_customers_or_employees",
	];
	const values = [...kept, ...questions].map((field) => [field, frm.doc[field]]);
	frappe.new_doc("Openness Review", Object.fromEntries(values));
}
