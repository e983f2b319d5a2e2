// The server says how far a transfer is and what can be done; this form shows it and asks again while it moves.

const ACTIONS = "crm_transparency.ownership.transfers.actions";
const ITEM = "Account Transfer Item";
const SECONDS_BETWEEN_LOOKS = 2;

const LABELS = {
	preview: () => __("Preview"),
	start: () => __("Start transfer"),
	pause: () => __("Pause"),
	resume: () => __("Resume"),
	undo: () => __("Undo"),
};
const QUESTIONS = {
	start: (frm) => __("Transfer {0} accounts now?", [number(frm.doc.total - frm.doc.skipped)]),
	undo: (frm) =>
		__(
			"Give back {0} accounts? Those that changed hands again since then stay where they are.",
			[number(frm.doc.transferred)]
		),
};
// the items behind each count
const STATUSES = {
	transferred: "Transferred",
	skipped: "Skipped",
	failed: "Failed",
	given_back: "Given Back",
	not_given_back: "Not Given Back",
};

frappe.ui.form.on("Account Transfer", {
	setup(frm) {
		const tracked = Object.keys(frappe.boot.crm_transparency.tracked_doctypes);
		const of_tracked = () => ({ filters: { name: ["in", tracked] } });
		frm.set_query("document_type", "document_types", of_tracked);
		frm.set_query("list_document_type", of_tracked);
		frm.set_query("user", "successors", () => ({
			filters: { enabled: 1, user_type: "System User" },
		}));
		frm.set_query("from_user", () => ({ filters: { user_type: "System User" } }));
	},

	refresh(frm) {
		show_preview(frm);
		if (frm.is_new()) return frm.fields_dict.progress_html.$wrapper.empty();
		if (frm.doc.status !== "Draft") frm.disable_form();
		look(frm);
	},
});

frappe.ui.form.on("Account Transfer Document Type", {
	choose_filters(frm, doctype, name) {
		const row = locals[doctype][name];
		if (!row.document_type)
			return frappe.show_alert(__("Please choose the document type first."));
		frappe.model.with_doctype(row.document_type, () => choose_filters(row));
	},
});

function choose_filters(row) {
	const dialog = new frappe.ui.Dialog({
		title: __("Which documents of type {0}?", [__(row.document_type)]),
		fields: [{ fieldtype: "HTML", fieldname: "filters" }],
		primary_action_label: __("Use these filters"),
		primary_action() {
			const conditions = filters.get_filters().map((condition) => condition.slice(0, 4));
			frappe.model.set_value(row.doctype, row.name, "filters", JSON.stringify(conditions));
			dialog.hide();
		},
	});
	const filters = new frappe.ui.FilterGroup({
		parent: dialog.get_field("filters").$wrapper,
		doctype: row.document_type,
		on_change: () => {},
	});
	filters.add_filters_to_filter_group(JSON.parse(row.filters || "[]"));
	dialog.show();
}

async function look(frm) {
	const name = frm.docname;
	const { message: progress } = await frappe.call({
		method: `${ACTIONS}.progress`,
		type: "GET",
		args: { name },
		silent: true,
	});
	// the reader may have moved on to another document meanwhile
	if (frm.docname !== name || frm !== cur_frm) return;
	show(frm, progress);
}

async function act(frm, action) {
	if (frm.is_dirty()) await frm.save();
	if (QUESTIONS[action] && !(await confirmed(QUESTIONS[action](frm)))) return;
	await frappe.call({
		method: `${ACTIONS}.${action}`,
		args: { name: frm.docname },
		freeze: true,
	});
	frm.reload_doc();
}

function confirmed(question) {
	return new Promise((resolve) =>
		frappe.confirm(
			question,
			() => resolve(true),
			() => resolve(false)
		)
	);
}

function show(frm, progress) {
	const is_moving =
		progress.status === "Running" || Boolean(progress.task && progress.status === "Draft");
	if (progress.status !== frm.doc.status || (frm.transfer_was_moving && !is_moving)) {
		frm.transfer_was_moving = is_moving;
		return frm.reload_doc();
	}
	frm.transfer_was_moving = is_moving;
	show_buttons(frm, progress.actions);
	show_progress(frm, progress);
	clearTimeout(frm.next_look);
	if (is_moving) frm.next_look = setTimeout(() => look(frm), SECONDS_BETWEEN_LOOKS * 1000);
}

function show_buttons(frm, actions) {
	if (frm.shown_actions === actions.join() && frm.custom_buttons[LABELS[actions[0]]?.()]) return;
	frm.shown_actions = actions.join();
	frm.clear_custom_buttons();
	for (const action of actions) {
		const $button = frm.add_custom_button(LABELS[action](), () => act(frm, action));
		if (action === actions[0]) $button.removeClass("btn-default").addClass("btn-primary");
	}
	if (frm.doc.total) {
		frm.add_custom_button(__("All accounts"), () => open_items(frm));
	}
}

function open_items(frm, status) {
	frappe.set_route("List", ITEM, { account_transfer: frm.docname, ...(status && { status }) });
}

function show_progress(frm, progress) {
	const $progress = $(`<div class="account-transfer-progress"></div>`);
	if (progress.task || progress.status !== "Draft") {
		const percent = progress.total ? (100 * progress.done) / progress.total : 0;
		const $bar = $(`<div class="progress-bar" role="progressbar"></div>`).css(
			"width",
			`${percent}%`
		);
		$bar.attr({
			"aria-valuenow": Math.round(percent),
			"aria-valuemin": 0,
			"aria-valuemax": 100,
		});
		$progress.append($(`<div class="progress mb-2"></div>`).append($bar));
		$progress.append($("<div>").text(in_words(progress)));
	}
	if (progress.stalled) {
		$progress.append(
			$(`<div class="text-warning"></div>`).text(
				__(
					"Nothing has moved for some minutes. It goes on by itself in a while, or when you resume it."
				)
			)
		);
	}
	if (progress.error_message) {
		$progress.append($(`<div class="text-danger"></div>`).text(progress.error_message));
	}
	$progress.append(counts(frm, progress.counts));
	frm.fields_dict.progress_html.$wrapper.empty().append($progress);
}

function in_words(progress) {
	const done = __("{0} of {1} accounts", [number(progress.done), number(progress.total)]);
	const rate =
		progress.rate &&
		progress.status === "Running" &&
		__("{0} a second", [number(progress.rate, 0)]);
	const left =
		progress.seconds_left !== null &&
		__("{0} left", [frappe.utils.get_formatted_duration(progress.seconds_left || 1)]);
	const task = { Preview: __("Looking for accounts"), Undo: __("Giving back") }[progress.task];
	return [task, done, rate, left].filter(Boolean).join(" · ");
}

function counts(frm, counts) {
	const $counts = $(`<div class="mt-2"></div>`);
	for (const [field, status] of Object.entries(STATUSES)) {
		if (!counts[field]) continue;
		const label = `${__(frappe.meta.get_label(frm.doctype, field))}: ${number(counts[field])}`;
		const $link = $(`<a href="#" class="mr-4"></a>`).text(label);
		$counts.append(
			$link.on("click", (event) => {
				event.preventDefault();
				open_items(frm, status);
			})
		);
	}
	return $counts;
}

function show_preview(frm) {
	const $preview = frm.fields_dict.preview_html.$wrapper.empty();
	if (!frm.doc.plan) return;
	const plan = JSON.parse(frm.doc.plan);
	const $tables = $(`<div class="row"></div>`).appendTo($preview);
	$tables.append(
		table(__("Successor"), plan.by_successor),
		table(__("Document type"), plan.by_document_type),
		table(__("Territory"), plan.by_territory)
	);
	$preview.append($("<p>").text(moving_along(plan)));
	if (plan.conflicts.length) $preview.append(conflicts(frm, plan));
	for (const warning of plan.warnings)
		$preview.append($(`<p class="text-warning"></p>`).text(warning));
}

function table(heading, lines) {
	const $table = $(
		`<table class="table table-sm"><thead><tr><th></th><th class="text-right"></th></tr></thead></table>`
	);
	$table.find("th").first().text(heading).next().text(__("Accounts"));
	const $body = $("<tbody>").appendTo($table);
	for (const line of lines) {
		const $row = $("<tr>").append($("<td>").text(line.label));
		$body.append($row.append($(`<td class="text-right"></td>`).text(number(line.accounts))));
	}
	return $(`<div class="col-sm-4"></div>`).append($table);
}

function moving_along({ open_todos, follows }) {
	return __(
		"Along with them move {0} open assignments, and {1} people's following of a document.",
		[number(open_todos), number(follows)]
	);
}

function conflicts(frm, plan) {
	const $conflicts = $(`<div class="mb-3"></div>`);
	$conflicts.append($(`<strong></strong>`).text(__("These stay where they are:")));
	const $list = $("<ul>").appendTo($conflicts);
	for (const { label, accounts } of plan.conflicts) {
		$list.append(
			$("<li>").text(
				accounts > 1 ? __("{0} accounts: {1}", [number(accounts), label]) : label
			)
		);
	}
	if (plan.other_conflicts) {
		const $link = $(`<a href="#"></a>`).text(__("{0} more", [number(plan.other_conflicts)]));
		$link.on("click", (event) => {
			event.preventDefault();
			open_items(frm, "Skipped");
		});
		$list.append($("<li>").append($link));
	}
	return $conflicts;
}

function number(value, decimals = 0) {
	return format_number(value, null, decimals);
}
