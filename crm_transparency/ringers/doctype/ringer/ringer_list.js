// What identifies ringers is stored encrypted, so lists of them are labeled afterwards, for those who may know.

frappe.listview_settings["Ringer"] = {
	add_fields: ["planted_as"],
	hide_name_filter: true,
	get_indicator({ status }) {
		const color = { Planned: "blue", Planted: "green", Retired: "gray", Lost: "orange" }[
			status
		];
		return [__(status), color, `status,=,${status}`];
	},
	onload(listview) {
		listview.page.add_inner_button(__("Plant ringers"), () =>
			frappe.set_route("ringer-planting")
		);
	},
	async refresh(listview) {
		const names = listview.data.map(({ name }) => name);
		if (!names.length) return;
		const { message } = await frappe.call({
			method: "crm_transparency.ringers.page.ringer_planting.ringer_planting.labels",
			args: { ringers: names },
			type: "POST",
		});
		for (const [name, label] of Object.entries(message))
			listview.$result.find(`a[data-name="${name}"]`).text(label).attr("title", label);
	},
};
