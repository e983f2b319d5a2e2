// Beginning, or going on with, an offboarding from the form of an employee or a user.

const START = "crm_transparency.offboarding.api.start";
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
