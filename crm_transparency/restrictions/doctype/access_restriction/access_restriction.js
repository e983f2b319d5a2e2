const DECISIONS = "crm_transparency.restrictions.decisions";
const COLORS = { Draft: "gray", Active: "orange", Expired: "red", Withdrawn: "green" };
// single values and tables; sections, buttons and the like hold none
const HOLD_NOTHING = frappe.model.no_value_type.filter(
	(type) => !frappe.model.table_fields.includes(type)
);

frappe.ui.form.on("Access Restriction", {
	setup(frm) {
		frm.set_query("document_type", () => ({
			filters: { istable: 0, issingle: 0, is_virtual: 0 },
		}));
		crm_transparency.openness.let_choose_role_in(frm);
		for (const field of ["business_owner", "user"])
			frm.set_query(field, () => crm_transparency.user_query());
	},

	refresh(frm) {
		crm_transparency.openness.let_choose_role_in(frm);
		explain_status(frm);
		add_decisions(frm);
		show_what_is_hidden(frm);
	},

	document_type(frm) {
		frm.set_value({ record_filter: "[]", fields: "" });
		show_what_is_hidden(frm);
	},

	restriction_kind: show_what_is_hidden,
});

function explain_status(frm) {
	frm.set_intro();
	const is_mine = frm.doc.business_owner === frappe.session.user;
	const owner = frappe.utils.escape_html(frappe.user.full_name(frm.doc.business_owner));
	const sentences = {
		Draft: frm.is_new()
			? ""
			: is_mine
				? __("A draft hides nothing. You decide whether to activate it.")
				: __("A draft hides nothing. {0} decides whether to activate it.", [owner]),
		Active: __("Active until its review. {0} can change or withdraw it.", [owner]),
		Expired: __("The review date has passed. {0} can approve it again or withdraw it.", [
			owner,
		]),
		Withdrawn: __("Withdrawn: it no longer hides anything."),
	};
	const sentence = sentences[frm.doc.status];
	if (sentence) frm.set_intro(sentence, COLORS[frm.doc.status]);
}

function add_decisions(frm) {
	if (frm.is_new() || !frm.doc.__onload?.may_decide) return;
	const { status } = frm.doc;
	const activate = { label: __("Activate"), method: "activate" };
	const approve_again = { label: __("Approve again"), method: "activate", asks_date: true };
	const withdraw = { label: __("Withdraw"), method: "withdraw" };
	const possible = {
		Draft: [activate],
		Active: [withdraw, approve_again],
		Expired: [approve_again, withdraw],
		Withdrawn: [],
	};
	for (const decision of possible[status])
		frm.add_custom_button(decision.label, () => decide(frm, decision));
}

async function decide(frm, { label, method, asks_date }) {
	if (frm.is_dirty()) await frm.save();
	const fields = [
		asks_date && {
			fieldname: "review_by",
			fieldtype: "Date",
			label: __("Review by"),
			reqd: 1,
			default: frappe.datetime.add_months(frappe.datetime.get_today(), 6),
		},
		frappe.session.user === "Administrator" && {
			fieldname: "approval_note",
			fieldtype: "Small Text",
			label: __("How did the business owner approve this?"),
			reqd: 1,
		},
	].filter(Boolean);
	const send = async (values) => {
		const args = { restriction: frm.doc.name, ...values };
		await frappe.call({ method: `${DECISIONS}.${method}`, args, freeze: true });
		frm.reload_doc();
	};
	if (fields.length) frappe.prompt(fields, send, label, label);
	else frappe.confirm(`${label}?`, () => send({}));
}

function show_what_is_hidden(frm) {
	const { document_type, restriction_kind } = frm.doc;
	if (!document_type) return;
	frappe.model.with_doctype(document_type, () => {
		if (restriction_kind === "Hide Records") show_filter(frm);
		if (restriction_kind === "Hide Fields") show_fields(frm);
	});
}

const area = (frm, fieldname) => $(frm.get_field(fieldname).wrapper).empty();

const may_write = (frm) => frm.perm[0]?.write && frm.doc.status !== "Withdrawn";

function show_filter(frm) {
	const $area = area(frm, "filter_area");
	$area.append(effect(frm.doc.__onload?.hides));
	// whoever doesn't get the filter sees its effect in words, if they decide about it, or nothing
	if (!(frm.perm[1]?.write && may_write(frm))) return;
	const $filters = $('<div class="mb-4"></div>').appendTo($area);
	const group = new frappe.ui.FilterGroup({
		parent: $filters,
		doctype: frm.doc.document_type,
		on_change: () => frm.set_value("record_filter", JSON.stringify(group.get_filters())),
	});
	group.add_filters_to_filter_group(JSON.parse(frm.doc.record_filter || "[]"));
}

function effect(hides) {
	if (!hides) return $();
	const $effect = $(`<div class="restriction-effect"></div>`);
	const [found, of] = [hides.found, hides.of].map((count) => format_number(count, null, 0));
	$effect.append($("<p>").text(__("Hides {0} of {1} records now:", [found, of])));
	const $list = $("<ul>").appendTo($effect);
	for (const condition of hides.conditions) $list.append($("<li>").text(condition));
	return $effect;
}

function show_fields(frm) {
	const chosen = (frm.doc.fields || "").split("\n");
	const { fields } = frappe.get_meta(frm.doc.document_type);
	const options = fields
		.filter(({ fieldtype, label }) => label && !HOLD_NOTHING.includes(fieldtype))
		.map(({ fieldname, label }) => ({
			value: fieldname,
			label: __(label),
			checked: chosen.includes(fieldname),
		}));
	const control = frappe.ui.form.make_control({
		parent: area(frm, "fields_area"),
		df: {
			fieldname: "chosen_fields",
			fieldtype: "MultiCheck",
			label: __("Fields to hide"),
			columns: 3,
			options,
			read_only: may_write(frm) ? 0 : 1,
			on_change: () => frm.set_value("fields", control.get_checked_options().join("\n")),
		},
		render_input: true,
	});
	if (!may_write(frm)) control.$wrapper.find("input").prop("disabled", true);
}
