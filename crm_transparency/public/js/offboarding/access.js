// Step 7: access removal, its proof, and a checklist for what software can't do.

crm_transparency.offboarding.parts.access = (step) => {
	const { escape, moment, heading, note, table, facts, warnings } = crm_transparency.offboarding;
	const { known } = step;
	const has_ended = known.status === "Ended";

	if (!known.has_user)
		step.add(
			note(
				__(
					"There is no user, so there is no access to remove. The checklist below still applies."
				)
			)
		);
	else if (has_ended) show_end();
	else show_plan();
	show_checklist();

	function show_plan() {
		if (known.frozen_on)
			step.add(
				note(
					__(
						"All access is frozen. Give it back in the menu of this page, or remove it for good."
					),
					"orange"
				)
			);
		if (known.still_active.length) {
			const counted = known.still_active.map(({ what, number }) => `${what} (${number})`);
			step.add(note(__("Already gone, but still active: {0}", [counted.join(", ")]), "red"));
		}
		known.warnings.forEach((sentence) => step.add(note(sentence, "orange")));
		if (known.status === "Planned")
			step.add(note(__("Access will be removed on {0}", [moment(known.ends_at)]), "orange"));
		const fields = [
			{
				fieldname: "jobs_to",
				label: __("Move scheduled reports and jobs to"),
				fieldtype: "Link",
				options: "User",
				get_query: () => crm_transparency.user_query(),
				default: known.jobs_to,
				description: __("If empty, they stop."),
			},
		];
		step.button(
			known.status === "Planned" ? __("Reschedule") : __("Schedule removal"),
			() =>
				step.ask(
					__("Access removal"),
					[
						{
							fieldname: "ends_at",
							label: __("At"),
							fieldtype: "Datetime",
							default: known.ends_at,
							reqd: 1,
						},
						...fields,
					],
					__("Schedule"),
					{ action: "plan" }
				),
			known.status !== "Planned"
		);
		step.button(__("Remove access now"), () =>
			step.ask(
				__("Remove access now"),
				[
					{
						fieldname: "explanation",
						fieldtype: "HTML",
						options: `${warnings(known.warnings)}<p>${__(
							"{0} loses all access at once: browsers, phones, API keys, tokens, shares and email accounts.",
							[escape(step.offboarding.employee_name)]
						)}</p>`,
					},
					...fields,
				],
				__("Remove access now"),
				{ action: "now" }
			)
		);
	}

	function show_end() {
		step.add(facts([[__("Access removed on"), moment(known.ended_on)]]));
		if (known.proofs.length) {
			step.add(heading(__("Tested afterwards")));
			step.add(
				table(
					[__("Test"), __("Response"), __("When")],
					known.proofs.map(({ attempt, is_refused, answer, tried_on }) => [
						escape(attempt),
						`<span class="indicator-pill ${is_refused ? "green" : "red"}">${escape(answer)}</span>`,
						escape(moment(tried_on)),
					])
				)
			);
		} else {
			step.add(note(__("Former logins, keys and tokens are being tested."), "orange"));
			step.button(__("Refresh"), () => step.wizard.show_route(), true);
		}
		if (known.left.length) {
			step.add(heading(__("Nobody takes care of")));
			step.add(
				table(
					[__("What"), __("Number"), __("Which")],
					known.left.map(({ what, number, names }) => [
						escape(what),
						escape(number),
						escape(names),
					])
				)
			);
		}
		step.add(heading(__("Access removed")));
		step.add(
			table(
				[__("What"), __("Number"), __("When")],
				known.items.map(({ what, number, ended_on }) => [
					escape(what),
					escape(number),
					escape(moment(ended_on)),
				])
			)
		);
		step.button(__("Check and remove again"), () => step.run({ action: "now" }));
	}

	function show_checklist() {
		step.add(heading(__("Checklist")));
		const rows = known.checklist.map((row) => {
			const { item, label, status, responsible_name, done_by_name, done_on, note } = row;
			const is_settled = status !== "Open";
			const who = is_settled ? `${escape(done_by_name)}, ${escape(moment(done_on))}` : "";
			const about = [
				status === "Not needed" ? __("Not needed") : "",
				!is_settled && responsible_name ? __("For {0}", [responsible_name]) : "",
				note,
			].filter(Boolean);
			return `
				<li>
					<label><input type="checkbox" data-item="${escape(item)}" ${is_settled ? "checked" : ""}>
						<span>${escape(label)}</span></label>
					<small class="text-muted">${who} ${escape(about.join(", "))}</small>
					${
						is_settled
							? ""
							: `<button class="btn btn-xs btn-link" data-note="${escape(item)}">${__("Note…")}</button>
								<button class="btn btn-xs btn-link" data-who="${escape(item)}">${__("Assign…")}</button>`
					}
				</li>`;
		});
		step.add(`<ul class="wizard-checklist">${rows.join("")}</ul>`);
		step.$body.on("change", "[data-item]", ({ target }) =>
			step.run({
				action: "check",
				item: target.dataset.item,
				status: target.checked ? "Done" : "Open",
			})
		);
		step.$body.on("click", "[data-note]", ({ currentTarget }) =>
			step.ask(
				currentTarget.dataset.note,
				[
					{
						fieldname: "status",
						label: __("Status"),
						fieldtype: "Select",
						options: [
							{ value: "Done", label: __("Done") },
							{ value: "Not needed", label: __("Not needed") },
						],
						default: "Done",
						reqd: 1,
					},
					{ fieldname: "note", label: __("Note"), fieldtype: "Data" },
				],
				__("Save"),
				{ action: "check", item: currentTarget.dataset.note }
			)
		);
		step.$body.on("click", "[data-who]", ({ currentTarget }) =>
			crm_transparency.offboarding.choose_colleague(
				currentTarget.dataset.who,
				step.offboarding.user,
				(user) => step.run({ action: "name", item: currentTarget.dataset.who, user })
			)
		);
		step.button(__("Add item"), () =>
			step.ask(
				__("Add item"),
				[{ fieldname: "item", label: __("What"), fieldtype: "Data", reqd: 1 }],
				__("Add"),
				{ action: "check", status: "Open", is_new: 1 }
			)
		);
	}
};
