// Step 2: the exit interview, and the letter that reminds of confidentiality.

crm_transparency.offboarding.parts.interview = (step) => {
	const { escape, moment, facts, heading, note, file_link } = crm_transparency.offboarding;
	const is_cancelled = step.offboarding.status === "Cancelled";
	const { known } = step;
	const colors = { Confirmed: "green", "Signed on paper": "green", Declined: "gray" };

	if (!known.address)
		step.add(
			note(
				__(
					"There is no email address for the invitation. Please add one to the employee record."
				),
				"orange"
			)
		);
	step.add(
		facts([
			[__("Email address"), known.address],
			[__("Language of the letter"), known.language],
			[__("Interview"), moment(known.starts_on)],
			[__("Where"), known.place],
			[__("With"), known.invited_on && known.interviewer_name],
			[__("Invited on"), moment(known.invited_on)],
			[__("Held on"), moment(known.held_on)],
			[__("Thank-you email"), known.thanked_on && __(known.thanks_status || "Sent")],
		])
	);
	if (known.exit_interview)
		step.add(
			`<p><a href="/app/exit-interview/${encodeURIComponent(known.exit_interview)}">${__(
				"Exit Interview in HRMS"
			)}</a></p>`
		);
	if (known.invited_on && !known.is_mailed && !is_cancelled)
		step.add(
			note(
				__(
					"The invitation and the letter couldn't be emailed. Hand over the letter, or check the email address and send it again."
				),
				"orange"
			)
		);
	if (known.reaffirmation && (known.is_mailed || known.reaffirmation !== "Sent")) {
		step.add(heading(__("Letter")));
		const said = known.reaffirmation === "Sent" ? known.letter_status : known.reaffirmation;
		step.add(note(__(said), colors[known.reaffirmation] || "orange"));
		step.add(
			facts([
				[__("Signed as"), known.signed_name],
				[__("On"), moment(known.confirmed_on)],
				[__("Note"), known.declined_note],
			]) + (known.signed_paper ? file_link(known.signed_paper) : "")
		);
	}
	const letter = known.preview || { subject: known.letter_subject, text: known.letter_text };
	step.add(`
		<details class="wizard-letter"><summary>${__("Read letter")}</summary>
			<h5>${escape(letter.subject)}</h5>${letter.text || ""}</details>`);

	const invite = () =>
		step.ask(
			__("Exit interview"),
			[
				{
					fieldname: "starts_on",
					label: __("When"),
					fieldtype: "Datetime",
					default: known.starts_on,
					reqd: 1,
				},
				{
					fieldname: "minutes",
					label: __("Minutes"),
					fieldtype: "Int",
					default: known.minutes,
					reqd: 1,
				},
				{ fieldname: "place", label: __("Where"), fieldtype: "Data", default: known.place },
				{
					fieldname: "interviewer",
					label: __("With"),
					fieldtype: "Link",
					options: "User",
					get_query: () => crm_transparency.user_query(),
					default: known.interviewer,
					reqd: 1,
				},
			],
			known.is_mailed ? __("Reschedule interview") : __("Send invitation and letter"),
			{ action: "invite" }
		);
	step.button(
		known.is_mailed ? __("Reschedule interview") : __("Send invitation and letter"),
		invite,
		!known.is_mailed
	);
	if (known.reaffirmation === "Sent") {
		step.button(__("Upload signed letter"), () =>
			step.upload((file) => step.run({ action: "signed_paper", file }))
		);
		step.button(__("Declined to sign"), () =>
			step.ask(
				__("Declined to sign"),
				[
					{
						fieldname: "explanation",
						fieldtype: "HTML",
						options: `<p class="text-muted">${__(
							"That is allowed: the letter is a reminder. It is recorded that it was handed over."
						)}</p>`,
					},
					{ fieldname: "note", label: __("Note"), fieldtype: "Small Text" },
				],
				__("Save"),
				{ action: "declined" }
			)
		);
	}
	if (known.invited_on && !known.held_on)
		step.button(__("Interview was held"), () => step.run({ action: "held" }));
	if (known.invited_on && !known.thanked_on)
		step.button(__("Send thank-you"), () =>
			frappe.confirm(
				__("Send the thank-you email to {0}?", [escape(step.offboarding.employee_name)]),
				() => step.run({ action: "thank" })
			)
		);
};
