frappe.listview_settings["Account Owner Change"] = {
	hide_name_column: true,
	add_fields: ["reference_doctype", "reference_name", "kind"],
	get_indicator(entry) {
		return [__(entry.kind), crm_transparency.KIND_COLORS[entry.kind], `kind,=,${entry.kind}`];
	},
	formatters: {
		previous_owner: person,
		new_owner: person,
		changed_by: person,
		reference_doctype: (doctype) => `<span>${__(doctype)}</span>`,
	},
};

// v16 puts what a formatter returns through $(), which takes an e-mail address for a selector
function person(user) {
	return user
		? `<span>${frappe.utils.escape_html(frappe.user.full_name(user))}</span>`
		: "<span></span>";
}
