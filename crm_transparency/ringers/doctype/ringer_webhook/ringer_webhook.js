frappe.ui.form.on("Ringer Webhook", {
	refresh(form) {
		const address = `${location.origin}/api/method/crm_transparency.ringers.doors.webhook.receive`;
		form.fields_dict.address_html.$wrapper.html(
			`<p>${__("Have your mail provider post received mail to:")}<br><code>${frappe.utils.escape_html(
				address
			)}</code></p>`
		);
		form.add_custom_button(__("Make a new shared secret"), () =>
			frappe.confirm(
				__(
					"The secret before ends at once. Providers that use it have to get the new one."
				),
				async () => {
					const secret = await frappe.xcall(
						"crm_transparency.ringers.doors.webhook.new_secret"
					);
					crm_transparency.ringers.show_once(__("Shared secret"), secret);
					form.reload_doc();
				}
			)
		);
	},
});
