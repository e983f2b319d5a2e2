// Starts or opens an offboarding from the form of an employee or a user.

frappe.provide("crm_transparency.offboarding");

const START = "crm_transparency.offboarding.wizard_api.start";
const RUNNERS = ["HR Manager", "Offboarding Manager"];

for (const [doctype, argument] of [
	["Employee", "employee"],
	["User", "user"],
]) {
	frappe.ui.form.on(doctype, {
		refresh(form) {
			const is_own = [form.doc.name, form.doc.user_id].includes(frappe.session.user);
			if (form.is_new() || is_own || !frappe.user.has_role(RUNNERS)) return;
			form.add_custom_button(__("Offboarding"), async () => {
				const { message: name } = await frappe.call({
					method: START,
					args: { [argument]: form.doc.name },
					freeze: true,
				});
				frappe.set_route("offboarding-wizard", name);
			});
		},
	});
}

// labels of the steps, for forms that show their keys
crm_transparency.offboarding.step_labels = () => ({
	agreement: __("Agreement check"),
	interview: __("Exit interview and confidentiality"),
	review: __("Review"),
	handover_plan: __("Handover plan"),
	introductions: __("Introductions"),
	transfer: __("Transfer"),
	access: __("Access removal"),
	ringer_watch: __("Ringer watch"),
	ending: __("Farewell"),
});
