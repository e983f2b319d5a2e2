// Step 3: exports and changes of the last months, in one chart and five sentences, and the findings to settle.

crm_transparency.offboarding.parts.review = (step) => {
	const { escape, day, moment, heading, note, file_link } = crm_transparency.offboarding;
	const { known } = step;
	const colors = { Open: "orange", Explained: "green", "Follow up": "blue" };

	if (!known.has_user) {
		step.add(note(__("There is no user, so there is no activity to review.")));
		return;
	}
	if (!known.made_on) {
		step.add(
			`<p>${__(
				"Compares exports, reads, emails to private addresses and changes of the last {0} days with what is normal for this person and the team. Only people who run this offboarding can see it.",
				[known.days]
			)}</p>`
		);
		step.button(__("Create review"), () => step.run({ action: "make" }), true);
		return;
	}
	step.add(
		`<p class="text-muted">${__(
			"{0} to {1}, created by {2} on {3}. The numbers are facts, not a verdict.",
			[
				escape(day(known.from_date)),
				escape(day(known.to_date)),
				escape(known.made_by_name),
				escape(moment(known.made_on)),
			]
		)}</p>`
	);
	step.add(picture(known.measures));
	step.add(
		`<ol class="wizard-sentences">${known.sentences.map((it) => `<li>${escape(it)}</li>`).join("")}</ol>`
	);
	step.add(heading(__("Findings")));
	step.add(
		known.findings.length ? known.findings.map(finding).join("") : `<p>${__("None.")}</p>`
	);
	show_evidence();
	step.button(__("Recalculate"), () => step.run({ action: "make" }), false);
	step.$body.on("click", "[data-settle]", ({ currentTarget }) =>
		settle(currentTarget.dataset.finding, currentTarget.dataset.settle)
	);

	// three bars for each measure, relative to the longest of them
	function picture(measures) {
		const rows = measures.map(({ label, now, before, team }) => {
			const most = Math.max(now, before, team || 0, 1);
			const bar = (kind, value, meaning) => `
				<div class="wizard-bar ${kind}" title="${escape(meaning)}">
					<i style="width: ${(100 * value) / most}%"></i><span>${escape(format(value))}</span></div>`;
			return `
				<div class="wizard-measure"><b>${escape(label)}</b><div>
					${bar("now", now, __("This period"))}
					${bar("before", before, __("Previous period"))}
					${team === null ? "" : bar("team", team, __("Team average"))}
				</div></div>`;
		});
		return `
			<figure class="wizard-picture">${rows.join("")}
				<figcaption>
					<span class="now">${__("This period")}</span>
					<span class="before">${__("Previous period")}</span>
					<span class="team">${__("Team average")}</span>
				</figcaption>
			</figure>`;
	}

	function format(value) {
		return format_number(value, null, Number.isInteger(value) ? 0 : 1);
	}

	function finding({
		name,
		day: date,
		text,
		status,
		note: remark,
		decided_by_name,
		followed_up_by_name,
	}) {
		const settled = [
			decided_by_name && __("by {0}", [decided_by_name]),
			followed_up_by_name && __("followed up by {0}", [followed_up_by_name]),
			remark,
		].filter(Boolean);
		const button = (to, label) =>
			`<button class="btn btn-xs btn-default" data-finding="${escape(name)}" data-settle="${to}">${label}</button>`;
		return `
			<div class="wizard-finding">
				<div><span class="indicator-pill ${colors[status]}">${escape(__(status))}</span>
					<span class="text-muted">${escape(day(date))}</span></div>
				<div>${escape(text)}</div>
				${settled.length ? `<div class="text-muted">${escape(settled.join(" · "))}</div>` : ""}
				<div class="wizard-buttons">${
					status === "Open"
						? button("Explained", __("Explained…")) +
							button("Follow up", __("Follow up…"))
						: button("Open", __("Reopen"))
				}</div>
			</div>`;
	}

	function settle(name, status) {
		if (status === "Open") return step.run({ action: "settle", finding: name, status });
		const fields = [{ fieldname: "note", label: __("Note"), fieldtype: "Small Text" }];
		if (status === "Follow up")
			fields.unshift({
				fieldname: "followed_up_by",
				label: __("Followed up by"),
				fieldtype: "Link",
				options: "User",
				get_query: () => crm_transparency.user_query(),
				default: frappe.session.user,
				reqd: 1,
			});
		step.ask(__(status), fields, __("Save"), { action: "settle", finding: name, status });
	}

	function show_evidence() {
		const { evidence } = known;
		if (!evidence) {
			step.button(__("Create evidence bundle"), () => step.run({ action: "evidence" }));
			return;
		}
		const link = `<a href="/app/evidence-bundle/${encodeURIComponent(evidence.name)}">${__("Evidence bundle")}</a>`;
		step.add(`<p>${link}: ${escape(__(evidence.status))} ${file_link(evidence.file)}</p>`);
	}
};
