// Opening DocTypes in three steps: choose, preview, apply. Below, what is limited today, and the changes so far.

(() => {
	const METHODS = "crm_transparency.openness.page.openness_setup.openness_setup";
	const STEPS = [__("1. Choose what to open"), __("2. Preview"), __("3. Apply")];
	const [CHOOSE, PREVIEW, APPLY] = [0, 1, 2];

	frappe.pages["openness-setup"].on_page_load = (wrapper) => {
		const page = frappe.ui.make_app_page({
			parent: wrapper,
			title: __("Open by Default"),
			single_column: true,
		});
		wrapper.openness_setup = new OpennessSetup(page);
	};

	frappe.pages["openness-setup"].on_page_show = (wrapper) => wrapper.openness_setup.refresh();

	class OpennessSetup {
		constructor(page) {
			this.page = page;
			this.step = CHOOSE;
			this.$body = $(`<div class="openness-setup"></div>`).appendTo(page.main);
			this.$body.on("click", "[data-step]", ({ currentTarget }) =>
				this.go_to(Number(currentTarget.dataset.step))
			);
			this.$body.on("change", ".openness-choice", () => this.take_choice());
			this.$body.on("click", ".openness-apply", () => this.apply());
			this.$body.on("click", ".openness-undo", ({ currentTarget }) =>
				this.undo(currentTarget.dataset.change)
			);
			this.$body.on("click", ".openness-lift", ({ currentTarget }) =>
				this.lift_user_permissions(currentTarget.dataset)
			);
			this.$body.on("click", ".openness-replace", ({ currentTarget }) =>
				this.replace_user_permissions(currentTarget.dataset)
			);
			this.$body.on("click", ".openness-accept", ({ currentTarget }) =>
				this.accept(currentTarget.dataset.finding)
			);
			page.add_menu_item(__("All changes"), () =>
				frappe.set_route("List", "Openness Change")
			);
			page.add_menu_item(__("Permission changes"), () =>
				frappe.set_route("List", "Permission Change")
			);
			if (frappe.user.has_role("System Manager"))
				page.add_menu_item(__("Check for access regressions"), () => this.check_now());
		}

		async refresh() {
			this.take(await get(`${METHODS}.overview`));
		}

		take(overview) {
			this.overview = overview;
			this.chosen ||= overview.choices
				.filter(({ is_default, is_open }) => is_default || is_open)
				.map(({ doctype }) => doctype);
			this.show();
		}

		show() {
			this.$body.html(`
				${this.access_regressions()}
				<p class="text-muted">${this.introduction()}</p>
				<ol class="openness-steps">${STEPS.map((label, step) => this.step_button(label, step)).join("")}</ol>
				<section class="openness-step"></section>
				<section class="openness-limits"></section>
				<section>${this.changes()}</section>
			`);
			this.$step = this.$body.find(".openness-step");
			[this.show_choices, this.show_preview, this.show_decision][this.step].call(this);
			this.show_limits();
		}

		introduction() {
			return __(
				"Everyone in the company can read and comment on what is open. This doesn't let anybody change or export anything, and all other roles stay exactly as they are. You can undo everything here."
			);
		}

		step_button(label, step) {
			const current = step === this.step ? `aria-current="step"` : "";
			return `<li><button class="btn btn-default btn-sm" data-step="${step}" ${current}>${label}</button></li>`;
		}

		go_to(step) {
			this.step = this.chosen.length ? step : CHOOSE;
			this.show();
		}

		// step 1

		show_choices() {
			const choices = this.overview.choices.map(({ doctype, is_open }) => {
				const checked = this.chosen.includes(doctype) || is_open ? "checked" : "";
				const note = is_open
					? ` <span class="text-muted">${__("already open")}</span>`
					: "";
				return `<label><input type="checkbox" class="openness-choice" value="${escape(doctype)}"
					${checked} ${is_open ? "disabled" : ""}><span>${escape(__(doctype))}${note}</span></label>`;
			});
			this.$step.html(`
				<h4>${__("What should everyone in the company be able to read?")}</h4>
				<div class="openness-choices">${choices.join("")}</div>
				<p class="text-muted">${__(
					"Colleagues see communications in the timeline of open documents, and public events. Frappe lists emails only to users of the same email account. So the preview doesn't count these two."
				)}</p>
				${next_button(PREVIEW, __("Preview"))}
			`);
		}

		take_choice() {
			this.chosen = [...this.$body.find(".openness-choice:checked")].map(
				({ value }) => value
			);
			this.$step.find(`[data-step="${PREVIEW}"]`).prop("disabled", !this.chosen.length);
		}

		// step 2

		async show_preview() {
			this.$step.html(`
				<h4>${__("What each role may do: today → then")}</h4>
				<div class="openness-roles text-muted">${__("Loading …")}</div>
				<h4>${__("Documents people can't see: today → then")}</h4>
				<div class="progress openness-progress"><div class="progress-bar"></div></div>
				<div class="openness-people text-muted">${__("Counting …")}</div>
				<h4>${__("User Permissions that hide documents")}</h4>
				<div class="openness-user-permissions text-muted">${__("Loading …")}</div>
				${next_button(APPLY, __("Continue"))}
			`);
			const doctypes = JSON.stringify(this.chosen);
			const asked_for = (this.asked_for = doctypes + Math.random());
			const is_stale = () => this.asked_for !== asked_for || this.step !== PREVIEW;
			const matrix = await get(`${METHODS}.roles`, { doctypes });
			if (is_stale()) return;
			this.$step.find(".openness-roles").removeClass("text-muted").html(matrix_table(matrix));
			await this.show_people(doctypes, is_stale);
			const limits = await get(`${METHODS}.limits`, { doctypes });
			if (is_stale()) return;
			this.$step
				.find(".openness-user-permissions")
				.html(
					limits.length
						? limit_list(limits, () => "")
						: __("No User Permissions hide any of these.")
				);
		}

		async show_people(doctypes, is_stale) {
			const people = [];
			let view = { done: 0, of: 1 };
			while (view.done < view.of) {
				view = await get(`${METHODS}.people`, { doctypes, start: view.done });
				if (is_stale()) return;
				people.push(...view.people);
				const percent = view.of ? (100 * view.done) / view.of : 100;
				this.$step.find(".openness-progress .progress-bar").css("width", `${percent}%`);
			}
			this.$step.find(".openness-progress").hide();
			this.$step.find(".openness-people").html(people_table(people, view));
		}

		// step 3

		show_decision() {
			const opens = this.chosen.map((doctype) => __(doctype)).join(", ");
			this.$step.html(`
				<h4>${__("Apply")}</h4>
				<p>${__("Everyone in the company will be able to read: {0}", [`<b>${escape(opens)}</b>`])}</p>
				<div class="openness-decision"></div>
			`);
			if (!this.overview.may_apply) {
				this.$step
					.find(".openness-decision")
					.html(`<p>${__("Only System Managers can apply this.")}</p>`);
				return;
			}
			this.decision = new frappe.ui.FieldGroup({
				fields: decision_fields(),
				body: this.$step.find(".openness-decision"),
			});
			this.decision.make();
			this.$step.append(
				`<button class="btn btn-primary btn-sm openness-apply">${__("Apply")}</button>`
			);
		}

		async apply() {
			const decision = this.decision.get_values();
			if (!decision) return;
			const doctypes = JSON.stringify(this.chosen);
			await this.send("apply", { doctypes, ...decision }, __("Applied"));
			this.go_to(CHOOSE);
		}

		async send(method, args, done) {
			const { message } = await frappe.call({
				method: `${METHODS}.${method}`,
				args,
				freeze: true,
			});
			this.take(message);
			frappe.show_alert({ message: done, indicator: "green" });
		}

		// what holds today

		async show_limits() {
			const open = this.overview.choices.filter(({ is_open }) => is_open);
			if (!open.length) return;
			const doctypes = JSON.stringify(open.map(({ doctype }) => doctype));
			const limits = await get(`${METHODS}.limits`, { doctypes });
			this.$body.find(".openness-limits").html(`
				<h4>${__("Limited by User Permissions")}</h4>
				${
					limits.length
						? `<p class="text-muted">${this.how_to_lift()}</p>` +
							limit_list(limits, (limit) => this.limit_buttons(limit))
						: `<p class="text-muted">${__("None.")}</p>`
				}
			`);
		}

		how_to_lift() {
			return __(
				"Lifting User Permissions changes them for open document types only: for others, such as those of accounting, they stay as they are. They don't apply to document types that get such a link later. Or replace them with restrictions, which have an owner, a reason and an end date: they are lifted when the restrictions are active."
			);
		}

		limit_buttons({ user, allow, waits_for }) {
			if (!this.overview.may_apply) return "";
			const data = `data-user="${escape(user)}" data-allow="${escape(allow)}"`;
			const replace = !waits_for.length
				? `<button class="btn btn-default btn-xs openness-replace" ${data}>${__("Replace with restrictions")}</button>`
				: "";
			return `<button class="btn btn-default btn-xs openness-lift" ${data}>${__("Lift")}</button>${replace}`;
		}

		lift_user_permissions({ user, allow }) {
			ask(
				__("Lift User Permissions"),
				decision_fields(),
				(decision) =>
					this.send("lift_user_permissions", { user, allow, ...decision }, __("Lifted")),
				__("Lift")
			);
		}

		replace_user_permissions({ user, allow }) {
			const [owner] = decision_fields();
			ask(
				__("Replace with restrictions"),
				[owner],
				async (decision) => {
					await frappe.call({
						method: `${METHODS}.replace_user_permissions`,
						args: { user, allow, ...decision },
						freeze: true,
					});
					frappe.set_route("List", "Access Restriction", { user, status: "Draft" });
				},
				__("Create drafts")
			);
		}

		changes() {
			const { changes, may_apply } = this.overview;
			const lines = changes.map((change) => {
				const undone = change.undone_on
					? `<small class="text-muted">${escape(
							__("Undone by {0}, {1}", [change.undone_by, on(change.undone_on)])
						)}</small>`
					: "";
				const kept = change.kept
					? `<small class="text-muted">${lines_of(change.kept)}</small>`
					: "";
				const button =
					may_apply && change.status === "Applied"
						? `<button class="btn btn-default btn-xs openness-undo" data-change="${escape(
								change.name
							)}">${__("Undo")}</button>`
						: `<span class="text-muted">${escape(__(change.status))}</span>`;
				const decided = __("Decided by {0}: {1}", [change.business_owner, change.reason]);
				const applied = __("Applied by {0}, {1}", [
					change.applied_by,
					on(change.applied_on),
				]);
				return `<li><div><b>${escape(change.summary)}</b><br>${escape(decided)}<br>
					<small class="text-muted">${escape(applied)}</small><br>${undone} ${kept}</div>
					<div class="openness-buttons">${button}</div></li>`;
			});
			const list = lines.length
				? `<ul class="openness-list openness-changes">${lines.join("")}</ul>`
				: `<p class="text-muted">${__("None yet.")}</p>`;
			return `<h4>${__("Changes")}</h4>${list}`;
		}

		async undo(change) {
			const sentences = await get(`${METHODS}.later_changes`, { change });
			if (!sentences.length) {
				frappe.confirm(__("Restore permissions exactly as they were before?"), () =>
					this.send("undo", { change, keep_later_changes: 1 }, __("Undone"))
				);
				return;
			}
			const [keep, take_back] = [__("Keep these changes"), __("Undo them as well")];
			ask(
				__("Permissions changed since by others"),
				[
					{ fieldtype: "HTML", options: bullets(sentences) },
					{
						fieldname: "what",
						fieldtype: "Select",
						label: __("What should happen to these changes?"),
						options: [keep, take_back],
						default: keep,
						reqd: 1,
					},
				],
				({ what }) =>
					this.send(
						"undo",
						{ change, keep_later_changes: what === keep ? 1 : 0 },
						__("Undone")
					),
				__("Undo")
			);
		}

		access_regressions() {
			const { access_regressions, may_apply } = this.overview;
			if (!access_regressions.length) return "";
			const lines = access_regressions.map((finding) => {
				const accept = may_apply
					? `<button class="btn btn-default btn-xs openness-accept" data-finding="${escape(
							finding.name
						)}">${__("Accept")}</button>`
					: "";
				return `<li><div>${crm_transparency.openness.sentence(finding)}</div>
					<div class="openness-buttons">
						<a class="btn btn-default btn-xs" href="${crm_transparency.openness.address(finding)}">${__("Show")}</a>
						${accept}
					</div></li>`;
			});
			return `<section class="openness-regressions"><h4>${__("Access regressions")}</h4>
				<ul class="openness-list">${lines.join("")}</ul></section>`;
		}

		accept(finding) {
			const [, reason] = decision_fields();
			ask(
				__("Accept access regression"),
				[reason],
				async ({ reason }) => {
					await frappe.call({
						method: `${METHODS}.accept`,
						args: { finding, reason },
						freeze: true,
					});
					this.refresh();
				},
				__("Accept")
			);
		}

		async check_now() {
			await frappe.call({ method: `${METHODS}.check_now`, freeze: true });
			this.refresh();
		}
	}

	function matrix_table({ doctypes, roles, cells }) {
		const first = ({ role }) => role !== "CRM Colleague";
		const rows = [...roles]
			.sort((a, b) => first(a) - first(b))
			.map(({ role, users }) => {
				const row = doctypes.map((doctype) => matrix_cell((cells[role] || {})[doctype]));
				return `<tr><th scope="row">${escape(__(role))}<small>${number_of_users(users)}</small></th>${row.join("")}</tr>`;
			});
		const head = doctypes.map((doctype) => `<th scope="col">${escape(__(doctype))}</th>`);
		return `<div class="openness-table"><table class="table table-sm">
			<thead><tr><th scope="col">${__("Role")}</th>${head.join("")}</tr></thead>
			<tbody>${rows.join("")}</tbody></table></div>`;
	}

	function matrix_cell(cell) {
		if (!cell) return `<td class="text-muted">–</td>`;
		const [today, then] = [short(cell.today), short(cell.then)];
		const is_changed = cell.today.join() !== cell.then.join();
		const details = is_changed
			? `${rights(cell.today)} → ${rights(cell.then)}`
			: rights(cell.today);
		const text = is_changed ? `${today} → ${then}` : today;
		return `<td class="${is_changed ? "changes" : ""}" title="${escape(details)}">${escape(text)}</td>`;
	}

	// the strongest of a role's rights says what matters here; the title has all of them
	function short(rights) {
		if (rights.includes("write")) return __("edit");
		if (rights.includes("create") && rights.includes("read")) return __("read, create");
		if (rights.includes("read")) return __("read");
		if (rights.includes("read (own)")) return __("own only");
		if (rights.includes("select")) return __("select");
		return "–";
	}

	function rights(names) {
		return names.length ? names.map((name) => __(name)).join(", ") : __("none");
	}

	function people_table(people, { totals }) {
		const doctypes = Object.keys(totals);
		const narrowed = people.filter(({ hidden_today, hidden_then }) =>
			doctypes.some((doctype) => hidden_today[doctype] || hidden_then[doctype])
		);
		const note = `<p class="text-muted">${__("People who can already see all of them: {0}", [
			people.length - narrowed.length,
		])}</p>`;
		if (!narrowed.length) return note;
		const head = doctypes.map(
			(doctype) =>
				`<th scope="col">${escape(__(doctype))}<small>${__("of {0}", [
					number(totals[doctype]),
				])}</small></th>`
		);
		const rows = narrowed.map(({ full_name, hidden_today, hidden_then }) => {
			const cells = doctypes.map((doctype) =>
				hidden_cell(hidden_today[doctype], hidden_then[doctype])
			);
			return `<tr><th scope="row">${escape(full_name)}</th>${cells.join("")}</tr>`;
		});
		return `<div class="openness-table"><table class="table table-sm">
			<thead><tr><th scope="col">${__("Person")}</th>${head.join("")}</tr></thead>
			<tbody>${rows.join("")}</tbody></table></div>${note}`;
	}

	function hidden_cell(today, then) {
		if (!today && !then) return `<td class="text-muted">–</td>`;
		const kind = today === then ? "" : "changes";
		return `<td class="${kind}">${number(today)} → ${number(then)}</td>`;
	}

	function limit_list(limits, buttons) {
		const lines = limits.map((limit) => {
			const { full_name, allow, values, hides, others, waits_for } = limit;
			const only = __("{0} is limited to {1} {2}", [full_name, __(allow), shortened(values)]);
			const hidden = hides
				.map(({ doctype, hidden, total }) =>
					__("{0}: {1} of {2} hidden", [__(doctype), number(hidden), number(total)])
				)
				.join(" · ");
			const elsewhere = others
				? `<small>${__("Also applies to {0} other document types.", [others])}</small>`
				: "";
			const waits = waits_for.length
				? `<small>${__("Lifted when its {0} restrictions are active.", [waits_for.length])}</small>`
				: "";
			return `<li class="openness-limit"><div><b>${escape(only)}</b><br>${escape(hidden)}${elsewhere}${waits}</div>
				<div class="openness-buttons">${buttons(limit)}</div></li>`;
		});
		return `<ul class="openness-list">${lines.join("")}</ul>`;
	}

	function shortened(values) {
		const more = values.length > 5 ? ` … (${values.length})` : "";
		return values.slice(0, 5).join(", ") + more;
	}

	function decision_fields() {
		return [
			{
				fieldname: "business_owner",
				fieldtype: "Link",
				options: "User",
				label: __("Business owner"),
				get_query: () => crm_transparency.user_query(),
				description: __("The person in the business who owns this decision"),
				reqd: 1,
			},
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 },
		];
	}

	function ask(title, fields, then, primary_action_label) {
		const dialog = new frappe.ui.Dialog({
			title,
			fields,
			primary_action_label,
			primary_action: async (values) => {
				await then(values);
				dialog.hide();
			},
		});
		dialog.show();
	}

	function next_button(step, label) {
		return `<button class="btn btn-primary btn-sm" data-step="${step}">${label}</button>`;
	}

	function bullets(sentences) {
		return `<ul>${sentences.map((sentence) => `<li>${escape(sentence)}</li>`).join("")}</ul>`;
	}

	function lines_of(text) {
		return text.split("\n").map(escape).join("<br>");
	}

	function on(datetime) {
		return frappe.datetime.str_to_user(datetime);
	}

	function number(value) {
		return frappe.utils.escape_html(format_number(value, null, 0));
	}

	function number_of_users(users) {
		return users === 1 ? __("1 user") : __("{0} users", [format_number(users, null, 0)]);
	}

	function escape(text) {
		return frappe.utils.escape_html(String(text));
	}

	async function get(method, args) {
		const { message } = await frappe.call({ method, args, type: "GET" });
		return message;
	}
})();
