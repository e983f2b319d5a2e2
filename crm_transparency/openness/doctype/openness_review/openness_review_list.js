frappe.listview_settings["Openness Review"] = {
	get_indicator({ status }) {
		const colors = { Draft: "gray", Signed: "green", Replaced: "blue" };
		return [__(status), colors[status], `status,=,${status}`];
	},

	async onload(list) {
		crm_transparency.openness.let_choose_role(list.page.fields_dict.role, { is_business: 1 });
		const { message: roles } = await frappe.call({
			method: "crm_transparency.openness.doctype.openness_review.openness_review.roles_to_review",
			type: "GET",
		});
		if (roles.length) list_roles_to_review(list, roles);
	},
};

function list_roles_to_review(list, roles) {
	const $box = $(`<div class="openness-roles-to-review" role="note"></div>`);
	$box.append($("<b>").text(__("Roles to review")));
	const $list = $("<ul>").appendTo($box);
	for (const each of roles) $list.append(line(each));
	$box.insertBefore(list.$frappe_list);
}

function line({ role, users, signed_on, draft, is_restricted }) {
	const facts = [
		users === 1 ? __("1 person") : __("{0} people", [users]),
		is_restricted && __("has restrictions"),
		signed_on
			? __("last signed on {0}", [frappe.datetime.str_to_user(signed_on)])
			: __("never reviewed"),
	].filter(Boolean);
	const $line = $("<li>").append($("<span>").text(`${__(role)}: ${facts.join(", ")} `));
	const act = (text, on_click) =>
		$(`<a href="#"></a>`)
			.text(text)
			.on("click", (event) => {
				event.preventDefault();
				on_click();
			});
	if (draft)
		$line.append(
			act(__("Open draft"), () => frappe.set_route("Form", "Openness Review", draft))
		);
	else if (frappe.model.can_create("Openness Review"))
		$line.append(act(__("Review"), () => frappe.new_doc("Openness Review", { role })));
	return $line;
}
