// The server says how far a transfer is and what can be done; this form shows it and asks again while it moves.

const ACTIONS = "crm_transparency.transfers.transfer_actions";
const ITEM = "Account Transfer Item";
const SECONDS_BETWEEN_LOOKS = 2;

const LABELS = {
	preview: () => __("Preview"),
	start: () => __("Start transfer"),
	pause: () => __("Pause"),
	resume: () => __("Resume"),
	// the Desk's own menu has an Undo for what was typed
	undo: () => __("Undo transfer"),
};
const FORWARD = ["preview", "start", "resume"];
const QUESTIONS = {
	start({ total, skipped, transferred }) {
		const accounts = total - skipped - transferred;
		if (accounts === 1) return __("Transfer one account now?");
		return accounts === 1
			? __("Transfer 1 account now?")
			: __("Transfer {0} accounts now?", [number(accounts)]);
	},
	undo({ transferred }) {
		if (!transferred) return __("No account has moved. End this transfer for good?");
		if (transferred === 1)
			return __(
				"Give the account back? If it changed hands again since then, it stays where it is."
			);
		return __(
			"Give {0} accounts back? Those that changed hands again since then stay where they are.",
			[number(transferred)]
		);
	},
};
// the items behind each count; an empty status means all of them
const STATUSES = {
	total: "",
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
		frm.set_query("user", "successors", ({ from_user }) =>
			crm_transparency.user_query({ but: from_user })
		);
		frm.set_query("from_user", () => crm_transparency.user_query({ case: "account owner" }));
	},

	refresh(frm) {
		show_preview(frm);
		show_successor_columns(frm);
		if (frm.doc.status === "Draft") offer_permitted_accounts(frm);
		else frm.disable_form();
		if (frm.is_new()) frm.set_df_property("progress_section", "hidden", true);
		else look(frm);
	},

	strategy: show_successor_columns,
});

frappe.ui.form.on("Account Transfer Document Type", {
	choose_filters(frm, doctype, name) {
		const row = locals[doctype][name];
		if (!row.document_type)
			return frappe.show_alert(__("Please choose the document type first."));
		frappe.model.with_doctype(row.document_type, () => choose_filters(row));
	},
});

// Most people may hand over their own accounts only: then it's clear whose they are.
async function offer_permitted_accounts(frm) {
	const may_transfer_any = await crm_transparency.transfers.may_transfer_any();
	frm.set_df_property("from_user", "read_only", !may_transfer_any);
	if (!may_transfer_any && frm.is_new()) frm.set_value("from_user", frappe.session.user);
}

function show_successor_columns(frm) {
	const { grid } = frm.fields_dict.successors;
	const columns = {
		weight: ["Round Robin", "By Territory"],
		territory: ["By Territory"],
	};
	for (const [column, strategies] of Object.entries(columns))
		grid.update_docfield_property(column, "hidden", !strategies.includes(frm.doc.strategy));
	grid.visible_columns = [];
	grid.reset_grid();
}

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
	let progress;
	try {
		const method = `${ACTIONS}.progress`;
		({ message: progress } = await frappe.call({
			method,
			type: "GET",
			args: { name },
			silent: true,
		}));
	} catch {
		// the server may be away for a moment
		if (frm.transfer_is_moving) look_again(frm);
		return;
	}
	// the reader may have moved on to another document meanwhile
	if (frm.docname !== name || frm !== cur_frm) return;
	show(frm, progress);
}

function look_again(frm) {
	clearTimeout(frm.next_look);
	frm.next_look = setTimeout(() => look(frm), SECONDS_BETWEEN_LOOKS * 1000);
}

async function act(frm, action) {
	try {
		if (frm.is_dirty()) await frm.save();
		if (QUESTIONS[action] && !(await confirmed(QUESTIONS[action](frm.doc)))) return;
		const args = { name: frm.docname };
		await frappe.call({ method: `${ACTIONS}.${action}`, args, freeze: true });
	} catch {
		// the Desk has shown what the server says
		return;
	}
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
	const was_moving = frm.transfer_is_moving;
	frm.transfer_is_moving = is_moving;
	if (progress.status !== frm.doc.status || (was_moving && !is_moving)) return frm.reload_doc();
	show_buttons(frm, progress.actions);
	show_progress(frm, progress);
	if (is_moving) look_again(frm);
	else clearTimeout(frm.next_look);
}

function show_buttons(frm, actions) {
	if (frm.shown_actions === actions.join() && frm.custom_buttons[LABELS[actions[0]]?.()]) return;
	frm.shown_actions = actions.join();
	frm.clear_custom_buttons();
	for (const action of actions) {
		const $button = frm.add_custom_button(LABELS[action](), () => act(frm, action));
		if (FORWARD.includes(action) && action === actions[0])
			$button.removeClass("btn-default").addClass("btn-primary");
	}
}

function open_items(frm, status) {
	frappe.set_route("List", ITEM, { account_transfer: frm.docname, ...(status && { status }) });
}

function show_progress(frm, progress) {
	const $progress = $(`<div class="account-transfer-progress"></div>`);
	if (progress.task === "Preview") {
		$progress.append($("<div>").text(__("Looking for the accounts…")));
	} else if (progress.task) {
		$progress.append(bar(progress), $("<div>").text(in_words(progress)));
	}
	if (progress.stalled) {
		$progress.append(
			$(`<div class="text-warning"></div>`).text(
				__(
					"Nothing has moved for some minutes. It continues by itself in a while, or when you resume it."
				)
			)
		);
	}
	if (progress.error_message) {
		$progress.append($(`<div class="text-danger"></div>`).text(progress.error_message));
	}
	$progress.append(counts(frm, progress.counts));
	for (const { label, accounts } of progress.reasons)
		$progress.append($("<div>").text(`${number(accounts)} × ${label}`));
	frm.fields_dict.progress_html.$wrapper.empty().append($progress);
	frm.set_df_property("progress_section", "hidden", !$progress.text());
}

function bar({ done, total }) {
	const percent = total ? (100 * done) / total : 0;
	const $bar = $(`<div class="progress-bar" role="progressbar"></div>`).css(
		"width",
		`${percent}%`
	);
	$bar.attr({
		"aria-valuenow": Math.round(percent),
		"aria-valuemin": 0,
		"aria-valuemax": 100,
	});
	return $(`<div class="progress mb-2"></div>`).append($bar);
}

function in_words(progress) {
	const done = __("{0} of {1} accounts", [number(progress.done), number(progress.total)]);
	const rate =
		progress.rate &&
		progress.status === "Running" &&
		__("{0} per second", [number(progress.rate, 0)]);
	const left =
		progress.seconds_left !== null &&
		__("{0} left", [frappe.utils.get_formatted_duration(progress.seconds_left || 1)]);
	const task = progress.task === "Undo" && __("Giving back");
	return [task, done, rate, left].filter(Boolean).join(" · ");
}

function counts(frm, counts) {
	const $counts = $(`<div class="my-2"></div>`);
	for (const [field, status] of Object.entries(STATUSES)) {
		if (!counts[field]) continue;
		const label = `${__(frappe.meta.get_label(frm.doctype, field))}: ${number(counts[field])}`;
		const $link = $(`<a href="#" class="d-inline-block mr-4"></a>`).text(label);
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
	for (const sentence of moving_along(plan)) $preview.append($("<p>").text(sentence));
	if (plan.conflicts.length) $preview.append(conflicts(frm, plan));
	if (frm.doc.status !== "Draft") return;
	for (const hint of plan.hints) $preview.append($(`<p class="text-muted"></p>`).text(hint));
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
	return [
		open_todos && __("Open assignments that move along: {0}", [number(open_todos)]),
		follows &&
			__("Accounts that the successor will follow, as the owner did: {0}", [number(follows)]),
	].filter(Boolean);
}

function conflicts(frm, plan) {
	const $conflicts = $(`<div class="mb-3"></div>`);
	$conflicts.append($(`<strong></strong>`).text(__("These accounts won't be transferred:")));
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
