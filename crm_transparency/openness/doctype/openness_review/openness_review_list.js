frappe.listview_settings["Openness Review"] = {
	get_indicator({ status }) {
		const colors = { Draft: "gray", Signed: "green", Replaced: "blue" };
		return [__(status), colors[status], `status,=,${status}`];
	},

	async onload(list) {
		crm_transparency.openness.let_choose_role(list.page.fields_dict.role, "to_review");
		const { message: roles } = await frappe.call({
			method: "crm_transparency.openness.reviews.lacking.roles",
			type: "GET",
		});
		if (roles.length) list_lacking(list, roles);
	},
};

function list_lacking(list, roles) {
	const $box = $(`<div class="openness-lacking" role="note"></div>`);
	$box.append($("<b>").text(__("Roles without a current review")));
	const $list = $("<ul>").appendTo($box);
	for (const each of roles) $list.append(line(each));
	$box.insertBefore(list.$frappe_list);
}

function line({ role, users, signed_on, draft, is_restricted }) {
	const facts = [
		users === 1 ? __("1 person") : __("{0} people", [users]),
		is_restricted && __("a restriction names it"),
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
			act(__("Open the draft"), () => frappe.set_route("Form", "Openness Review", draft))
		);
	else if (frappe.model.can_create("Openness Review"))
		$line.append(act(__("Review"), () => frappe.new_doc("Openness Review", { role })));
	return $line;
}
