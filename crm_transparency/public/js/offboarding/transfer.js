// Step 6: the transfer. Account Transfer reports its progress; this polls while it runs.

const { escape, facts, note, parts } = crm_transparency.offboarding;
const SECONDS_BETWEEN_LOOKS = 2;
const MOST_NAMED = 10;

crm_transparency.offboarding.parts.transfer = (step) => {
	const { known } = step;
	if (!known.state) {
		step.add(note(__("Please create the handover plan first: it says who gets what.")));
		if (!known.has_user)
			step.button(__("Confirm that there is no user"), () => step.run(), true);
		return;
	}
	if (known.state.error_message) step.add(note(known.state.error_message, "red"));
	for (const warning of known.warnings) step.add(note(warning, "orange"));
	step.add(facts(lines(known)));
	if (known.progress?.error_message) step.add(note(known.progress.error_message, "red"));
	if (known.runs && waits_for_next_step(step, known)) {
		step.run();
		return;
	}
	const has_stopped = ["Paused", "Failed"].includes(known.status);
	const is_moving = Boolean(known.state.task) || (Boolean(known.progress?.task) && !has_stopped);
	if (known.runs) add_buttons(step, known, is_moving);
	else step.add(note(__("HR starts the transfer. Its progress is shown here.")));
	if (known.account_transfer && known.runs) {
		const link = frappe.utils.get_form_link("Account Transfer", known.account_transfer);
		step.add(`<p><a href="${link}">${__("View account transfer")}</a></p>`);
	}
	if (is_moving || (known.is_started && !known.is_completed && known.status === "Draft"))
		look_again(step);
};

function lines({
	progress,
	belongings_left,
	belongings_done,
	belongings_failed,
	summaries,
	status,
	without_successor,
	accounts_left,
}) {
	const { number } = parts.handover;
	const counts = progress?.counts || {};
	const rate = progress?.rate ? __("{0} per second", [number(progress.rate)]) : "";
	const done =
		progress && progress.total
			? __("{0} of {1}", [number(progress.done), number(progress.total)])
			: "";
	return [
		[__("Transfer"), status ? __(status) : __("Not started")],
		[__("Accounts"), [done, rate].filter(Boolean).join(" · ")],
		[__("Moved"), counts.transferred ? number(counts.transferred) : ""],
		[__("Not moved"), counts.skipped ? number(counts.skipped) : ""],
		[__("Still with the leaver"), accounts_left ? number(accounts_left) : ""],
		[__("Failed"), counts.failed ? number(counts.failed) : ""],
		[__("Given back"), counts.given_back ? number(counts.given_back) : ""],
		[__("Other items to move"), belongings_left ? number(belongings_left) : ""],
		[__("Other items moved"), belongings_done ? number(belongings_done) : ""],
		[__("Other items not moved"), belongings_failed ? number(belongings_failed) : ""],
		[__("Without successor"), !status && without_successor ? number(without_successor) : ""],
		[__("Emails to successors"), (summaries || []).join(", ")],
	];
}

function add_buttons(step, known, is_moving) {
	const actions = known.progress?.actions || [];
	if (!known.is_started)
		step.button(__("Start transfer"), () => confirm_transfer(step, known), true);
	if (actions.includes("pause")) step.button(__("Pause"), () => step.run({ action: "pause" }));
	if (actions.includes("resume") && !known.is_completed)
		step.button(__("Resume"), () => step.run({ action: "resume" }), true);
	if (known.accounts_left) step.button(__("Transfer what is left"), () => step.run(), true);
	else if (known.is_started && !is_moving && step.row.status !== "Done")
		step.button(__("Continue"), () => step.run(), known.is_completed);
	if (known.is_started && !is_moving && known.belongings_left)
		step.button(__("Move items decided since"), () => confirm_decided(step, known), true);
	if (known.is_started && !is_moving)
		step.button(__("Undo"), () =>
			frappe.confirm(
				__(
					"Undo the transfer? Accounts that others changed since then stay where they are."
				),
				() => step.run({ action: "undo" })
			)
		);
}

function confirm_transfer(step, { without_successor, warnings, decided, undecided, early }) {
	const question =
		without_successor === 1
			? __("1 account has no successor and stays where it is. Transfer all others now?")
			: without_successor
				? __(
						"{0} accounts have no successor and stay where they are. Transfer all others now?",
						[parts.handover.number(without_successor)]
					)
				: __("Transfer all accounts of the plan and the other items now?");
	const open = undecided.length
		? [
				__("These haven't been decided yet, so they stay: {0}.", [
					undecided.slice(0, MOST_NAMED).join(", "),
				]),
			]
		: [];
	const lines = [...early, question, ...warnings, ...powers(decided), ...open];
	const leave_the_rest = without_successor || warnings.length ? 1 : 0;
	frappe.confirm(lines.map(escape).join("<br>"), () =>
		step.run({ action: "transfer", leave_the_rest })
	);
}

function confirm_decided(step, { belongings_left, decided }) {
	const question = __("Move {0} other items now?", [parts.handover.number(belongings_left)]);
	frappe.confirm([question, ...powers(decided)].map(escape).join("<br>"), () =>
		step.run({ move_decided: 1 })
	);
}

// what lets somebody approve or read: the question names who gets it
function powers(decided) {
	const sentences = decided
		.slice(0, MOST_NAMED)
		.map(({ kind, title, to }) => __("{0} gets: {1} ({2}).", [to, title, kind]));
	if (decided.length > MOST_NAMED)
		sentences.push(__("And {0} more, as listed in the plan.", [decided.length - MOST_NAMED]));
	return sentences;
}

// the preview is ready to be started, or everything was moved and the step is ready to be completed
function waits_for_next_step(step, { is_started, is_completed, accounts_left, progress, state }) {
	if (!is_started || state.task || step.row.status !== "In Progress") return false;
	const is_previewed =
		progress?.status === "Draft" && !progress.task && progress.actions.includes("start");
	return is_previewed || (is_completed && !accounts_left);
}

// refreshes the page, unless a dialog is open or the user left it
function look_again(step) {
	const body = step.$body[0];
	setTimeout(() => {
		if (!document.contains(body)) return;
		if (document.querySelector(".modal.show")) return look_again(step);
		step.wizard.show_route();
	}, SECONDS_BETWEEN_LOOKS * 1000);
}
