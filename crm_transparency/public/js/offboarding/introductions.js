// Step 5: introductions, edited and approved one by one or together, and sent at a set pace.

const { escape, moment, facts, heading, note, parts } = crm_transparency.offboarding;
const COLORS = {
	Draft: "gray",
	Approved: "blue",
	Sent: "green",
	Replied: "green",
	"No Address": "red",
	Skipped: "gray",
};

crm_transparency.offboarding.parts.introductions = (step) => {
	const { state, counts } = step.known;
	if (!step.known.has_user) {
		step.add(note(__("There is no user, so there are no accounts to hand over.")));
		step.button(__("Confirm"), () => step.run({ action: "finish" }), true);
		return;
	}
	if (!state || !state.computed_on) {
		step.add(
			note(
				__(
					"Please create the handover plan first: it says which accounts are key accounts."
				)
			)
		);
		return;
	}
	const labels = Object.entries(counts).map(([status, count]) => `${__(status)}: ${count}`);
	step.add(
		facts([
			[__("Introductions"), labels.join(" · ")],
			[
				__("Pace"),
				state.is_sending
					? __("Sending approved letters, {0} per hour", [state.letters_per_hour])
					: __("Not sending yet"),
			],
		])
	);
	step.button(
		labels.length ? __("Update from plan") : __("Draft letters for key accounts"),
		() => step.run(),
		!labels.length
	);
	if (labels.length) {
		step.button(__("Edit template…"), () => edit_template(step));
		step.button(__("Ask {0} to review", [step.offboarding.employee_name]), async () => {
			if (await step.run({ action: "ask" }))
				frappe.show_alert({ message: __("Notification sent"), indicator: "green" });
		});
		if (state.is_sending) step.button(__("Stop sending"), () => step.run({ action: "stop" }));
		else step.button(__("Send approved letters…"), () => ask_pace(step), true);
		step.button(__("Finish introductions"), () => step.run({ action: "finish" }));
	}
	const $letters = $(`<div class="handover-letters"></div>`).appendTo(step.$body);
	if (labels.length) show_letters(step, $letters);
};

const call = (...args) => parts.handover.call(...args);

async function show_letters(step, $letters) {
	const offboarding = step.offboarding.name;
	const { introductions } = await call("list_introductions", { offboarding }, "GET");
	const drafts = introductions.filter(({ status }) => status === "Draft");
	$letters.html(heading(__("Letters")));
	if (drafts.length)
		$(`<button class="btn btn-xs btn-default"></button>`)
			.text(
				drafts.length === 1
					? __("Approve the draft")
					: __("Approve all {0} drafts", [drafts.length])
			)
			.on("click", () =>
				frappe.confirm(__("Approve all drafts without changes?"), () =>
					approve(
						step,
						drafts.map(({ name }) => name)
					)
				)
			)
			.appendTo($letters);
	for (const letter of introductions) $letters.append(line(step, letter));
}

function line(step, letter) {
	const to = letter.email ? `${letter.contact_name} <${letter.email}>` : letter.contact_name;
	const when = letter.replied_on
		? __("answered {0}", [moment(letter.replied_on)])
		: letter.sent_on
			? __("sent {0}", [moment(letter.sent_on)])
			: "";
	const meeting =
		letter.way === "Meeting" ? __("Meeting on {0}", [moment(letter.meeting_on)]) : "";
	const details = [to, __("to {0}", [letter.successor_name]), meeting, when, letter.note];
	return $(`<button class="handover-letter"></button>`)
		.html(
			`<span><b>${escape(letter.account_title)}</b>
				<small class="text-muted">${details.filter(Boolean).map(escape).join(" · ")}</small></span>
			<span class="indicator-pill ${COLORS[letter.status]}">${escape(__(letter.status))}</span>`
		)
		.on("click", () =>
			crm_transparency.offboarding.open_letter(letter, () => step.wizard.show_route())
		);
}

async function approve(step, introductions) {
	await call("approve_introductions", { introductions: JSON.stringify(introductions) });
	step.wizard.show_route();
}

// one letter and its actions; the leaver opens it from its form, too
crm_transparency.offboarding.open_letter = (letter, done) => {
	const went = ["Sent", "Replied"].includes(letter.status);
	const dialog = new frappe.ui.Dialog({
		title: letter.account_title,
		size: "large",
		fields: [
			{
				fieldname: "to",
				fieldtype: "HTML",
				options: `<p class="text-muted">${escape(
					letter.email ? `${letter.contact_name} <${letter.email}>` : letter.note || ""
				)}</p>`,
			},
			{
				fieldname: "subject",
				fieldtype: "Data",
				label: __("Subject"),
				reqd: 1,
				read_only: went ? 1 : 0,
				default: letter.subject,
			},
			{
				fieldname: "message",
				fieldtype: "Text Editor",
				label: __("Letter"),
				reqd: 1,
				read_only: went ? 1 : 0,
				default: letter.message,
			},
		],
	});
	const introduction = letter.name;
	const act = async (method, args = {}) => {
		await call(method, { introduction, ...args });
		dialog.hide();
		done();
	};
	const save = async () => {
		const { subject, message } = dialog.get_values();
		if (subject !== letter.subject || message !== letter.message)
			await call("edit_introduction", { introduction, subject, message });
	};
	if (!went) {
		const approve_it = async () => {
			await save();
			await call("approve_introductions", { introductions: JSON.stringify([introduction]) });
			dialog.hide();
			done();
		};
		if (letter.status === "Draft") dialog.set_primary_action(__("Approve"), approve_it);
		else if (letter.status === "Approved")
			dialog.set_primary_action(__("Withdraw approval"), () => act("hold_introduction"));
		else if (letter.status === "Skipped")
			dialog.set_primary_action(__("Restore"), () => act("hold_introduction"));
		dialog.set_secondary_action_label(__("Save letter"));
		dialog.set_secondary_action(async () => {
			await save();
			dialog.hide();
			done();
		});
		dialog.add_custom_action(__("Invite to a meeting…"), () => ask_meeting(letter, act));
		if (letter.is_edited)
			dialog.add_custom_action(__("Reset to template"), () => act("reset_introduction"));
		if (letter.status !== "Skipped")
			dialog.add_custom_action(__("Skip"), () => act("hold_introduction", { is_skipped: 1 }));
	}
	dialog.$wrapper.addClass("handover-wording");
	dialog.show();
};

function ask_meeting(letter, act) {
	frappe.prompt(
		[
			{
				fieldname: "meeting_on",
				fieldtype: "Datetime",
				label: __("Time of the meeting"),
				description: __("If empty, it is a letter without a meeting."),
				default: letter.meeting_on,
			},
			{
				fieldname: "minutes",
				fieldtype: "Int",
				label: __("Minutes"),
				default: letter.meeting_minutes || 30,
			},
		],
		({ meeting_on, minutes }) =>
			act("invite_instead", { meeting_on: meeting_on || "", minutes }),
		__("Invite to a meeting"),
		__("Save")
	);
}

function ask_pace(step) {
	step.ask(
		__("Send approved letters"),
		[
			{
				fieldname: "letters_per_hour",
				fieldtype: "Int",
				label: __("Letters per hour"),
				reqd: 1,
				default: step.known.state.letters_per_hour || 20,
				description: __(
					"Letters approved later are sent, too. Each account gets one letter."
				),
			},
		],
		__("Send"),
		{ action: "send" }
	);
}

async function edit_template(step) {
	const offboarding = step.offboarding.name;
	const template = await call("template", { offboarding }, "GET");
	const dialog = new frappe.ui.Dialog({
		title: __("Letter to key accounts"),
		size: "large",
		fields: [
			{
				fieldname: "voice",
				fieldtype: "Select",
				label: __("Written by"),
				options: [
					{ value: "Leaver", label: __("{0} only", [step.offboarding.employee_name]) },
					{ value: "Jointly", label: __("Both together") },
				],
				default: template.voice,
			},
			{
				fieldname: "own",
				fieldtype: "Check",
				label: __("Use own text"),
				default: 0,
				description: __(
					"Otherwise the default letter is used, in each customer's language."
				),
			},
			{
				fieldname: "subject",
				fieldtype: "Data",
				label: __("Subject"),
				default: template.subject,
				depends_on: "own",
			},
			{
				fieldname: "message",
				fieldtype: "Code",
				options: "HTML",
				label: __("Letter"),
				default: template.message,
				depends_on: "own",
				description: __("Letters that were edited, approved or sent stay as they are."),
			},
		],
		primary_action_label: __("Apply"),
		primary_action: async ({ voice, own, subject, message }) => {
			await call("edit_template", {
				offboarding,
				voice,
				subject: own ? subject : "",
				message: own ? message : "",
			});
			dialog.hide();
			step.wizard.show_route();
		},
	});
	dialog.show();
}
