frappe.ui.form.on("Ringer Webhook", {
	refresh(form) {
		const address = `${location.origin}/api/method/crm_transparency.ringers.inbound_webhook.receive`;
		form.fields_dict.address_html.$wrapper.html(
			`<p>${__("Have your mail provider post received mail to:")}<br><code>${frappe.utils.escape_html(
				address
			)}</code></p>`
		);
		form.add_custom_button(__("Create new secret"), () =>
			frappe.confirm(
				__(
					"The previous secret stops working at once. Enter the new one at your provider."
				),
				async () => {
					const secret = await frappe.xcall(
						"crm_transparency.ringers.inbound_webhook.new_secret"
					);
					crm_transparency.ringers.show_once(__("Shared secret"), secret);
					form.reload_doc();
				}
			)
		);
	},
});
