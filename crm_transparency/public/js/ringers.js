// What several screens of the ringers' room need.

frappe.provide("crm_transparency.ringers");

crm_transparency.ringers.show_once = (title, text) => {
	const dialog = new frappe.ui.Dialog({
		title,
		fields: [
			{
				fieldname: "text",
				fieldtype: "Small Text",
				label: __("Copy it now: it won't be shown again."),
				default: text,
				read_only: 1,
			},
		],
		primary_action_label: __("Copy"),
		primary_action() {
			frappe.utils.copy_to_clipboard(text);
		},
	});
	dialog.show();
};

// Lists read the database, where senders are encrypted: the server opens them for those who may know.
crm_transparency.ringers.show_senders = async (list, method) => {
	const names = list.data.map(({ name }) => name);
	if (!names.length) return;
	list.$result
		.find(".list-header-subject .list-subject > *")
		.not(":has(input)")
		.last()
		.text(__("Sender"));
	const senders = await frappe.xcall(method, { names });
	list.$result.find(".list-row-container").each((_index, row) => {
		const name = $(row).find(".list-row-checkbox").data("name");
		const subject = $(row)
			.find(".list-subject .level-item.ellipsis, .list-subject .ellipsis")
			.first();
		const link = subject.find("a").addBack("a").first();
		if (senders[decodeURIComponent(name)])
			(link.length ? link : subject).text(senders[decodeURIComponent(name)]);
	});
};
