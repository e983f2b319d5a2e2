// Opening up in three steps: choose, see what changes, apply. Below, what holds today and how to undo it.

(() => {
	const METHODS = "crm_transparency.openness.opening.api";
	const BANNER = "crm_transparency.openness.opening.banner";
	const STEPS = [__("1. Choose what is open"), __("2. See what will change"), __("3. Apply")];
	const [CHOOSE, SEE, APPLY] = [0, 1, 2];

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
			this.$body.on("click", ".openness-open", ({ currentTarget }) =>
				this.open_user_permissions(currentTarget.dataset)
			);
			this.$body.on("click", ".openness-replace", ({ currentTarget }) =>
				this.replace_user_permissions(currentTarget.dataset)
			);
			this.$body.on("click", ".openness-leave", ({ currentTarget }) =>
				this.leave_as_it_is(currentTarget.dataset.finding)
			);
			page.add_menu_item(__("All changes"), () =>
				frappe.set_route("List", "Openness Change")
			);
			page.add_menu_item(__("Who changed permissions"), () =>
				frappe.set_route("List", "Permission Change")
			);
			if (frappe.user.has_role("System Manager"))
				page.add_menu_item(__("Check now what closed again"), () => this.check_now());
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
				${this.closed_again()}
				<p class="text-muted">${this.introduction()}</p>
				<ol class="openness-steps">${STEPS.map((label, step) => this.step_button(label, step)).join("")}</ol>
				<section class="openness-step"></section>
				<section class="openness-still-closed"></section>
				<section>${this.changes()}</section>
			`);
			this.$step = this.$body.find(".openness-step");
			[this.show_choices, this.show_preview, this.show_decision][this.step].call(this);
			this.show_still_closed();
		}

		introduction() {
			return __(
				"Everyone in the company reads what is open, and can comment on it. Nobody gets to change or export anything by it, and every other role keeps exactly what it has. Everything here can be undone."
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
					? ` <span class="text-muted">${__("open already")}</span>`
					: "";
				return `<label><input type="checkbox" class="openness-choice" value="${escape(doctype)}"
					${checked} ${is_open ? "disabled" : ""}><span>${escape(__(doctype))}${note}</span></label>`;
			});
			this.$step.html(`
				<h4>${__("What may everyone in the company read?")}</h4>
				<div class="openness-choices">${choices.join("")}</div>
				<p class="text-muted">${__(
					"Of communications, colleagues read those on documents that are open, where they stand in the timeline; Frappe lists mails only to those who share their e-mail account. Of events, they read the public ones. So these two aren't counted in the next step."
				)}</p>
				${next_button(SEE, __("See what will change"))}
			`);
		}

		take_choice() {
			this.chosen = [...this.$body.find(".openness-choice:checked")].map(
				({ value }) => value
			);
			this.$step.find(`[data-step="${SEE}"]`).prop("disabled", !this.chosen.length);
		}

		// step 2

		async show_preview() {
			this.$step.html(`
				<h4>${__("What each role may do: today → then")}</h4>
				<div class="openness-roles text-muted">${__("Looking …")}</div>
				<h4>${__("What people can't see: today → then")}</h4>
				<div class="progress openness-progress"><div class="progress-bar"></div></div>
				<div class="openness-people text-muted">${__("Asking the permission engine …")}</div>
				<h4>${__("User Permissions that close something")}</h4>
				<div class="openness-closings text-muted">${__("Looking …")}</div>
				${next_button(APPLY, __("Continue"))}
			`);
			const doctypes = JSON.stringify(this.chosen);
			const asked_for = (this.asked_for = doctypes + Math.random());
			const is_stale = () => this.asked_for !== asked_for || this.step !== SEE;
			const matrix = await get(`${METHODS}.roles`, { doctypes });
			if (is_stale()) return;
			this.$step.find(".openness-roles").removeClass("text-muted").html(matrix_table(matrix));
			await this.show_people(doctypes, is_stale);
			const closings = await get(`${METHODS}.closings`, { doctypes });
			if (is_stale()) return;
			this.$step
				.find(".openness-closings")
				.html(
					closings.length
						? closing_list(closings, () => "")
						: __("No User Permission closes any of this.")
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
				<p>${__("Everyone in the company will read: {0}", [`<b>${escape(opens)}</b>`])}</p>
				<div class="openness-decision"></div>
			`);
			if (!this.overview.may_apply) {
				this.$step
					.find(".openness-decision")
					.html(`<p>${__("A System Manager can apply this.")}</p>`);
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

		async show_still_closed() {
			const open = this.overview.choices.filter(({ is_open }) => is_open);
			if (!open.length) return;
			const doctypes = JSON.stringify(open.map(({ doctype }) => doctype));
			const closings = await get(`${METHODS}.closings`, { doctypes });
			this.$body.find(".openness-still-closed").html(`
				<h4>${__("Still closed by User Permissions")}</h4>
				${
					closings.length
						? `<p class="text-muted">${this.how_they_open()}</p>` +
							closing_list(closings, (closing) => this.closing_buttons(closing))
						: `<p class="text-muted">${__("None.")}</p>`
				}
			`);
		}

		how_they_open() {
			return __(
				"Opening one up changes it only for what is open: for all other document types, such as those of accounting, it stays as it is. A document type that gets such a link later isn't covered by it any more. Or turn it into restrictions: then somebody owns it, with a reason and an end, and it goes when these are active."
			);
		}

		closing_buttons({ user, allow, waits_for }) {
			if (!this.overview.may_apply) return "";
			const data = `data-user="${escape(user)}" data-allow="${escape(allow)}"`;
			const replace =
				this.overview.can_be_replaced && !waits_for.length
					? `<button class="btn btn-default btn-xs openness-replace" ${data}>${__("Turn into restrictions")}</button>`
					: "";
			return `<button class="btn btn-default btn-xs openness-open" ${data}>${__("Open up")}</button>${replace}`;
		}

		open_user_permissions({ user, allow }) {
			ask(
				__("Open up"),
				decision_fields(),
				(decision) =>
					this.send(
						"open_user_permissions",
						{ user, allow, ...decision },
						__("Opened up")
					),
				__("Open up")
			);
		}

		replace_user_permissions({ user, allow }) {
			const [owner] = decision_fields();
			ask(
				__("Turn into restrictions"),
				[owner],
				async (decision) => {
					await frappe.call({
						method: `${METHODS}.replace_user_permissions`,
						args: { user, allow, ...decision },
						freeze: true,
					});
					frappe.set_route("List", "Access Restriction", { user, status: "Draft" });
				},
				__("Draft them")
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
			const { sentences } = await get(`${METHODS}.later_changes`, { change });
			if (!sentences.length) {
				frappe.confirm(__("Put back exactly what was there before?"), () =>
					this.send("undo", { change, keep_later_changes: 1 }, __("Undone"))
				);
				return;
			}
			const [keep, take_back] = [__("Keep these changes"), __("Take them back as well")];
			ask(
				__("Others changed permissions since"),
				[
					{ fieldtype: "HTML", options: bullets(sentences) },
					{
						fieldname: "what",
						fieldtype: "Select",
						label: __("What becomes of that?"),
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

		// what closed again

		closed_again() {
			const { closed_again, may_apply } = this.overview;
			if (!closed_again.length) return "";
			const lines = closed_again.map((finding) => {
				const leave = may_apply
					? `<button class="btn btn-default btn-xs openness-leave" data-finding="${escape(
							finding.name
						)}">${__("Leave it closed")}</button>`
					: "";
				return `<li><div>${crm_transparency.openness.sentence(finding)}</div>
					<div class="openness-buttons">
						<a class="btn btn-default btn-xs" href="${crm_transparency.openness.address(finding)}">${__("Look")}</a>
						${leave}
					</div></li>`;
			});
			return `<section class="openness-closed-again"><h4>${__("Closed again")}</h4>
				<ul class="openness-list">${lines.join("")}</ul></section>`;
		}

		leave_as_it_is(finding) {
			const [, reason] = decision_fields();
			ask(
				__("Leave it closed"),
				[reason],
				async ({ reason }) => {
					await frappe.call({
						method: `${BANNER}.leave_as_it_is`,
						args: { finding, reason },
						freeze: true,
					});
					this.refresh();
				},
				__("Leave it closed")
			);
		}

		async check_now() {
			await frappe.call({ method: `${BANNER}.check_now`, freeze: true });
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
		if (rights.includes("write")) return __("changes");
		if (rights.includes("create") && rights.includes("read")) return __("reads, adds");
		if (rights.includes("read")) return __("reads");
		if (rights.includes("read (own)")) return __("own only");
		if (rights.includes("select")) return __("chooses");
		return "–";
	}

	function rights(names) {
		return names.length ? names.map((name) => __(name)).join(", ") : __("nothing");
	}

	function people_table(people, { totals }) {
		const doctypes = Object.keys(totals);
		const narrowed = people.filter(({ hidden_today, hidden_then }) =>
			doctypes.some((doctype) => hidden_today[doctype] || hidden_then[doctype])
		);
		const note = `<p class="text-muted">${__("Others, who see all of it already: {0}", [
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

	function closing_list(closings, buttons) {
		const lines = closings.map((closing) => {
			const { full_name, allow, values, hides, others, waits_for } = closing;
			const only = __("{0} sees only {1}: {2}", [full_name, __(allow), shortened(values)]);
			const hidden = hides
				.map(({ doctype, hidden, total }) =>
					__("{0}: {1} of {2} hidden", [__(doctype), number(hidden), number(total)])
				)
				.join(" · ");
			const elsewhere = others
				? `<small>${__("Serves {0} other document types as well.", [others])}</small>`
				: "";
			const waits = waits_for.length
				? `<small>${__("Goes when its {0} restrictions are active.", [waits_for.length])}</small>`
				: "";
			return `<li class="openness-closing"><div><b>${escape(only)}</b><br>${escape(hidden)}${elsewhere}${waits}</div>
				<div class="openness-buttons">${buttons(closing)}</div></li>`;
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
				get_query: () => ({
					filters: {
						enabled: 1,
						user_type: "System User",
						name: ["not in", ["Administrator", "Guest"]],
					},
				}),
				description: __("Who in the business owns this decision"),
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
		return frappe.utils.escape_html(Number(value).toLocaleString());
	}

	function number_of_users(users) {
		return users === 1 ? __("1 user") : __("{0} users", [users]);
	}

	function escape(text) {
		return frappe.utils.escape_html(String(text));
	}

	async function get(method, args) {
		const { message } = await frappe.call({ method, args, type: "GET" });
		return message;
	}
})();
