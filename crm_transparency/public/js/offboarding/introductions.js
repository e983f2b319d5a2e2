// Step 5: introductions, worded and approved one by one or together, and sent at a set pace.

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
	if (!state || !state.computed_on) {
		step.add(
			note(__("First comes the handover plan: it says which accounts are key accounts."))
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
					? __("Approved letters go out, {0} an hour", [state.letters_per_hour])
					: __("Nothing goes out yet"),
			],
		])
	);
	step.button(
		labels.length
			? __("Bring up to date with the plan")
			: __("Draft letters for the key accounts"),
		() => step.do(),
		!labels.length
	);
	if (labels.length) {
		step.button(__("Word the template…"), () => word_template(step));
		step.button(__("Ask {0} to look through", [step.offboarding.employee_name]), async () => {
			if (await step.do({ action: "ask" }))
				frappe.show_alert({ message: __("Told in the app"), indicator: "green" });
		});
		if (state.is_sending) step.button(__("Stop sending"), () => step.do({ action: "stop" }));
		else step.button(__("Send approved letters…"), () => ask_pace(step), true);
		step.button(__("All introductions are made"), () => step.do({ action: "finish" }));
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
			.text(__("Approve all {0} drafts", [drafts.length]))
			.on("click", () =>
				frappe.confirm(__("Approve {0} letters as they are?", [drafts.length]), () =>
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

// one letter: how it reads, and what can be done with it. Its leaver opens it from its form, too.
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
			dialog.set_primary_action(__("Take approval back"), () => act("hold_introduction"));
		else if (letter.status === "Skipped")
			dialog.set_primary_action(__("Write after all"), () => act("hold_introduction"));
		dialog.set_secondary_action_label(__("Save the wording"));
		dialog.set_secondary_action(async () => {
			await save();
			dialog.hide();
			done();
		});
		dialog.add_custom_action(__("Meet instead…"), () => ask_meeting(letter, act));
		if (letter.is_edited)
			dialog.add_custom_action(__("Back to the template"), () =>
				act("word_introduction_anew")
			);
		if (letter.status !== "Skipped")
			dialog.add_custom_action(__("Leave out"), () =>
				act("hold_introduction", { is_skipped: 1 })
			);
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
				label: __("When do the three of you meet?"),
				description: __("Empty: a letter again, without a meeting."),
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
		__("An invitation instead of a letter only"),
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
				label: __("Letters an hour"),
				reqd: 1,
				default: step.known.state.letters_per_hour || 20,
				description: __(
					"Letters that are approved from now on go out, too. Each account is written to once."
				),
			},
		],
		__("Send"),
		{ action: "send" }
	);
}

async function word_template(step) {
	const offboarding = step.offboarding.name;
	const template = await call("template", { offboarding }, "GET");
	const dialog = new frappe.ui.Dialog({
		title: __("The letter for all key accounts"),
		size: "large",
		fields: [
			{
				fieldname: "voice",
				fieldtype: "Select",
				label: __("Written by"),
				options: [
					{ value: "Leaver", label: __("{0} alone", [step.offboarding.employee_name]) },
					{ value: "Jointly", label: __("Both together") },
				],
				default: template.voice,
			},
			{
				fieldname: "own",
				fieldtype: "Check",
				label: __("Word it myself"),
				default: 0,
				description: __("Otherwise the usual letter is used, in each customer's language."),
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
				description: __(
					"Letters that somebody worded by hand, and those that are approved or sent, stay as they are."
				),
			},
		],
		primary_action_label: __("Use it"),
		primary_action: async ({ voice, own, subject, message }) => {
			await call("word_template", {
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
