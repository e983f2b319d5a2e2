const PERSONS = ["previous_owner", "new_owner", "changed_by"];

frappe.listview_settings["Account Owner Change"] = {
	hide_name_column: true,
	add_fields: ["reference_doctype", "reference_name", "kind", "changed_on"],
	get_indicator(entry) {
		return [__(entry.kind), crm_transparency.KIND_COLORS[entry.kind], `kind,=,${entry.kind}`];
	},
	async refresh(list) {
		const users = list.data.flatMap((entry) => PERSONS.map((field) => entry[field]));
		if (await meet(users)) list.render_list();
	},
	formatters: {
		...Object.fromEntries(PERSONS.map((field) => [field, person])),
		reference_doctype: (doctype) => `<span>${__(doctype)}</span>`,
	},
};

// v16 puts what a formatter returns through $(), which takes an email address for a selector
function person(user, _field, { changed_on }) {
	const name = user ? crm_transparency.full_name_at(user, changed_on) : "";
	return `<span dir="auto">${frappe.utils.escape_html(name)}</span>`;
}

// v16 doesn't tell the Desk everybody's name beforehand. Returns whether there were new ones.
async function meet(users) {
	const strangers = [...new Set(users)].filter((user) => user && !frappe.boot.user_info[user]);
	if (!strangers.length) return false;
	const { message: people } = await frappe.call({
		method: "frappe.desk.form.load.get_user_info_for_viewers",
		args: { users: strangers },
	});
	// somebody who was deleted stays a stranger, and isn't asked for again
	const unknown = strangers.map((user) => [user, { fullname: user, name: user }]);
	frappe.update_user_info({ ...Object.fromEntries(unknown), ...people });
	return true;
}
