// Step 9: the farewell.

crm_transparency.offboarding.parts.ending = (step) => {
	const { facts, heading, moment, day } = crm_transparency.offboarding;
	const { known } = step;
	const name = step.offboarding.employee_name;

	step.add(heading(__("Rehire")));
	step.add(facts([[__("Rehire"), __(known.rehire || "not said")]]));
	step.add(heading(__("Staying in touch")));
	step.add(
		facts([
			[__("Alumni contact"), __(known.alumni_consent || "not asked")],
			[__("Contact"), known.alumni_contact],
			[__("Agreed on"), day(known.consent_given_on)],
		])
	);
	step.add(heading(__("Farewell note")));
	step.add(
		facts([
			[__("Sent on"), moment(known.note_sent_on)],
			[
				__("To"),
				known.readers.map((reader) => reader.name).join(", ") ||
					__("nobody: no team found"),
			],
		])
	);
	step.add(heading(__("Feedback from the interview")));
	step.add(
		`<p class="text-muted">${__(
			"Only people who run this offboarding can read it. Management sees a summary without names once three people have left."
		)}</p>`
	);
	step.add(
		facts([
			[__("Main reason"), known.reason && __(known.reason)],
			[__("What went well"), known.good],
			[__("What could be better"), known.better],
		])
	);

	step.button(__("Rehire…"), () =>
		step.ask(
			__("Would we rehire {0}?", [name]),
			[
				{
					fieldname: "rehire",
					label: __("Rehire"),
					fieldtype: "Select",
					options: [
						{ value: "Welcome back", label: __("Welcome back") },
						{ value: "Neutral", label: __("Neutral") },
					],
					default: known.rehire || "Welcome back",
					reqd: 1,
				},
			],
			__("Save"),
			{ action: "rehire" }
		)
	);
	step.button(__("Alumni contact…"), () =>
		step.ask(
			__("Alumni contact"),
			[
				{
					fieldname: "consent",
					label: __("Staying in touch"),
					fieldtype: "Select",
					options: [
						{ value: "Agreed", label: __("Agreed") },
						{ value: "Not wanted", label: __("Not wanted") },
					],
					default: known.alumni_consent || "Agreed",
					reqd: 1,
				},
				{
					fieldname: "contact",
					label: __("Email address or phone number the person agreed to"),
					fieldtype: "Data",
					default: known.alumni_contact || known.private_address,
					depends_on: 'eval:doc.consent == "Agreed"',
				},
				{
					fieldname: "consent_given_on",
					label: __("Agreed on"),
					fieldtype: "Date",
					default: known.consent_given_on || frappe.datetime.get_today(),
					depends_on: 'eval:doc.consent == "Agreed"',
				},
			],
			__("Save"),
			{ action: "alumni" }
		)
	);
	if (!known.note_sent_on)
		step.button(__("Farewell note…"), () =>
			step.ask(
				__("Farewell note to the team"),
				[
					{
						fieldname: "subject",
						label: __("Subject"),
						fieldtype: "Data",
						default: known.note_subject,
						reqd: 1,
					},
					{
						fieldname: "text",
						label: __("Text"),
						fieldtype: "Text Editor",
						default: known.note_text,
						reqd: 1,
					},
				],
				__("Send to {0} people", [known.readers.length]),
				{ action: "farewell" }
			)
		);
	step.button(__("Feedback…"), () =>
		step.ask(
			__("Feedback from the interview"),
			[
				{
					fieldname: "reason",
					label: __("Main reason for leaving"),
					fieldtype: "Select",
					options: [{ value: "", label: "" }, ...known.reasons],
					default: known.reason,
				},
				{
					fieldname: "good",
					label: __("What went well"),
					fieldtype: "Small Text",
					default: known.good,
				},
				{
					fieldname: "better",
					label: __("What could be better"),
					fieldtype: "Small Text",
					default: known.better,
				},
			],
			__("Save"),
			{ action: "feedback" }
		)
	);
	step.button(__("Finish"), () => step.run({ action: "finish" }), true);
};
