// Step 7: access ends, and that is proved; and a checklist for what no software can do.

crm_transparency.offboarding.parts.access = (step) => {
	const { escape, moment, heading, note, table, facts } = crm_transparency.offboarding;
	const { known } = step;
	const has_ended = known.status === "Ended";

	if (!known.has_user)
		step.add(
			note(
				__(
					"There is no user, so there is no access to end here. The checklist below remains."
				)
			)
		);
	else if (has_ended) show_end();
	else show_plan();
	show_checklist();

	function show_plan() {
		if (known.status === "Planned")
			step.add(note(__("Access ends on {0}", [moment(known.ends_at)]), "orange"));
		const fields = [
			{
				fieldname: "jobs_to",
				label: __("Scheduled reports and jobs go to"),
				fieldtype: "Link",
				options: "User",
				default: known.jobs_to,
				description: __("Empty: they stop."),
			},
		];
		step.button(
			known.status === "Planned" ? __("Choose another moment") : __("Set when access ends"),
			() =>
				step.ask(
					__("Access ends"),
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
					__("Set"),
					{ action: "plan" }
				),
			known.status !== "Planned"
		);
		step.button(__("End access now"), () =>
			step.ask(
				__("End access now"),
				[
					{
						fieldname: "explanation",
						fieldtype: "HTML",
						options: `<p>${__(
							"{0} is logged out everywhere at once: browsers, phones, API keys, tokens, shares and mail accounts.",
							[escape(step.offboarding.employee_name)]
						)}</p>`,
					},
					...fields,
				],
				__("End access now"),
				{ action: "now" }
			)
		);
	}

	function show_end() {
		step.add(facts([[__("Access ended on"), moment(known.ended_on)]]));
		if (known.proofs.length) {
			step.add(heading(__("Tried afterwards")));
			step.add(
				table(
					[__("What was tried"), __("Answer"), __("When")],
					known.proofs.map(({ attempt, is_refused, answer, tried_on }) => [
						escape(attempt),
						`<span class="indicator-pill ${is_refused ? "green" : "red"}">${escape(answer)}</span>`,
						escape(moment(tried_on)),
					])
				)
			);
		} else {
			step.add(note(__("It is being tried whether anything still works."), "orange"));
			step.button(__("Look again"), () => step.wizard.show_route(), true);
		}
		step.add(heading(__("What was ended")));
		step.add(
			table(
				[__("What"), __("How many"), __("When")],
				known.items.map(({ what, number, ended_on }) => [
					escape(what),
					escape(number),
					escape(moment(ended_on)),
				])
			)
		);
		step.button(__("Check and end everything again"), () => step.do({ action: "now" }));
	}

	function show_checklist() {
		step.add(heading(__("What no software can do")));
		const rows = known.checklist.map(({ item, label, status, done_by_name, done_on, note }) => {
			const is_settled = status !== "Open";
			const who = is_settled ? `${escape(done_by_name)}, ${escape(moment(done_on))}` : "";
			const about = [status === "Not needed" ? __("Not needed") : "", note].filter(Boolean);
			return `
				<li>
					<label><input type="checkbox" data-item="${escape(item)}" ${is_settled ? "checked" : ""}>
						<span>${escape(label)}</span></label>
					<small class="text-muted">${who} ${escape(about.join(", "))}</small>
					${
						is_settled
							? ""
							: `<button class="btn btn-xs btn-link" data-note="${escape(item)}">${__("Note…")}</button>`
					}
				</li>`;
		});
		step.add(`<ul class="wizard-checklist">${rows.join("")}</ul>`);
		step.$body.on("change", "[data-item]", ({ target }) =>
			step.do({
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
				__("Note it"),
				{ action: "check", item: currentTarget.dataset.note }
			)
		);
		step.button(__("Add to the list"), () =>
			step.ask(
				__("Add to the list"),
				[{ fieldname: "item", label: __("What"), fieldtype: "Data", reqd: 1 }],
				__("Add"),
				{ action: "check", status: "Open", is_new: 1 }
			)
		);
	}
};
