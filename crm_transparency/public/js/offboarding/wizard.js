// The frame of the wizard: the list of offboardings, and for one of them its steps on the left and the current step on the right.

const API = "crm_transparency.offboarding.wizard_api";
const PAGE = "offboarding-wizard";
const { escape, day, moment, StepPart, parts } = crm_transparency.offboarding;
const COLORS = { Open: "gray", "In Progress": "orange", Done: "green", Skipped: "gray" };

crm_transparency.offboarding.Wizard = class {
	constructor(page) {
		this.page = page;
		this.$body = $(`<div class="offboarding-wizard"></div>`).appendTo(page.main);
		this.$body.on("click", "[data-open]", (event) => {
			event.preventDefault();
			frappe.set_route(PAGE, event.currentTarget.dataset.open);
		});
		this.$body.on("click", "[data-edit]", () => this.edit_facts());
		this.$body.on("click", "[data-step]", (event) => {
			event.preventDefault();
			frappe.set_route(PAGE, this.state.offboarding.name, event.currentTarget.dataset.step);
		});
	}

	async show_route() {
		const [, name, step] = frappe.get_route();
		this.page.clear_actions();
		this.page.clear_menu();
		if (!name) return this.show_overview();
		try {
			const { message } = await frappe.call({
				method: `${API}.open`,
				type: "GET",
				args: { offboarding: name, ...(step ? { step } : {}) },
			});
			this.show(message);
		} catch {
			this.$body.html(
				`<p class="text-muted">${__("You don't have access to this offboarding.")}</p>`
			);
		}
	}

	async show_overview() {
		const { message } = await frappe.call({ method: `${API}.overview`, type: "GET" });
		this.page.set_title(__("Offboarding"));
		this.page.clear_indicator();
		if (message.runs)
			this.page.set_primary_action(__("Start offboarding"), () => this.ask_whom(), "add");
		if (message.reports.length)
			this.page.add_menu_item(__("Freeze access of…"), () =>
				this.ask_whom_to_freeze(message.reports)
			);
		const rows = message.offboardings;
		this.$body.html(rows.length ? this.list(rows) : this.nothing(message.runs));
		if (message.disabled_owners.length) this.show_disabled_owners(message.disabled_owners);
	}

	// accounts of people who were disabled without an offboarding: a transfer is one click away
	show_disabled_owners(people) {
		const accounts = people.reduce((sum, person) => sum + person.accounts, 0);
		const $finding = $(`<div class="wizard-disabled-owners"></div>`).prependTo(this.$body);
		$finding.append(
			$("<p>").text(
				accounts === 1
					? __("1 account belongs to 1 person who is disabled.")
					: people.length === 1
						? __("{0} accounts belong to 1 person who is disabled.", [
								format_number(accounts, null, 0),
							])
						: __("{0} accounts belong to {1} people who are disabled.", [
								format_number(accounts, null, 0),
								format_number(people.length, null, 0),
							])
			)
		);
		for (const { user, full_name, accounts } of people) {
			const $line = $("<p>").text(`${full_name}: ${format_number(accounts, null, 0)} `);
			$(`<button class="btn btn-xs btn-default"></button>`)
				.text(__("Transfer accounts"))
				.on("click", () => frappe.new_doc("Account Transfer", { from_user: user }))
				.appendTo($line);
			$finding.append($line);
		}
	}

	nothing(runs) {
		const sentence = runs
			? __(
					"Nobody is leaving. When a resignation or relieving date is entered in an employee record, an offboarding appears here."
				)
			: __("Open offboardings of people who report to you appear here. There are none.");
		return `<p class="text-muted">${sentence}</p>`;
	}

	list(rows) {
		const lines = rows.map((row) => {
			const last = row.last_working_day
				? __("Last day: {0}", [day(row.last_working_day)])
				: __("No last day set");
			const mine = row.is_mine
				? `<span class="indicator-pill orange">${__("Your turn")}</span>`
				: "";
			return `
				<a class="wizard-person" href="#" data-open="${escape(row.name)}">
					<b>${escape(row.employee_name)}</b> ${mine}
					<span class="text-muted">${escape(last)} ·
						${__("{0} of {1} steps done", [row.finished, row.steps])}</span>
				</a>`;
		});
		return `<div class="wizard-people">${lines.join("")}</div>`;
	}

	ask_whom() {
		const dialog = new frappe.ui.Dialog({
			title: __("Who is leaving?"),
			fields: [
				{
					fieldname: "employee",
					label: __("Employee"),
					fieldtype: "Link",
					options: "Employee",
				},
				{
					fieldname: "user",
					label: __("Or user, for somebody without an employee record"),
					fieldtype: "Link",
					options: "User",
					get_query: () => crm_transparency.user_query({ case: "leaver" }),
				},
				{ fieldname: "last_working_day", label: __("Last working day"), fieldtype: "Date" },
				{
					fieldname: "leaving_for",
					label: __("Leaving for"),
					fieldtype: "Data",
					description: __("The new employer, if known."),
				},
				{
					fieldname: "freeze",
					label: __("Freeze all access now"),
					fieldtype: "Check",
					description: __("It can be given back exactly as it was."),
				},
			],
			primary_action_label: __("Start"),
			primary_action: async ({ freeze, ...args }) => {
				const { message } = await frappe.call({
					method: `${API}.start`,
					args,
					freeze: true,
				});
				if (freeze)
					await frappe.call({
						method: `${API}.freeze`,
						args: { offboarding: message },
						freeze: true,
					});
				dialog.hide();
				frappe.set_route(PAGE, message);
			},
		});
		dialog.show();
	}

	// for a manager, who can't start an offboarding, but stop access until HR is there
	ask_whom_to_freeze(reports) {
		frappe.prompt(
			[
				{
					fieldname: "user",
					label: __("Whose access?"),
					fieldtype: "Select",
					options: reports,
					reqd: 1,
				},
			],
			async ({ user }) => {
				const { message } = await frappe.call({
					method: `${API}.freeze`,
					args: { user },
					freeze: true,
				});
				frappe.set_route(PAGE, message);
			},
			__("Freeze access"),
			__("Freeze access")
		);
	}

	show(state) {
		this.state = state;
		const { offboarding } = state;
		this.page.set_title(__("Offboarding of {0}", [offboarding.employee_name]));
		this.page.set_indicator(
			__(offboarding.status),
			{ Completed: "green", Cancelled: "gray" }[offboarding.status] || "orange"
		);
		this.add_menu();
		this.$body.html(`
			<h3 class="wizard-name">${escape(offboarding.employee_name)}</h3>
			<div class="wizard-head">${this.head()}</div>
			<div class="wizard-columns">
				<nav class="wizard-steps" aria-label="${__("Steps")}">${this.steps()}</nav>
				<section class="wizard-work" aria-live="polite"></section>
			</div>`);
		this.show_work();
		// on a phone the steps are a row that scrolls sideways
		const $active = this.$body.find(".wizard-step.active");
		if ($active.length) $active.parent().scrollLeft($active[0].offsetLeft - 16);
	}

	add_menu() {
		const { offboarding, runs } = this.state;
		this.page.clear_menu();
		this.page.clear_primary_action();
		this.page.add_menu_item(__("All offboardings"), () => frappe.set_route(PAGE));
		if (offboarding.user && offboarding.status !== "Cancelled") this.add_freezing();
		if (!runs) return;
		this.page.add_menu_item(__("View record"), () =>
			frappe.set_route("Form", "Offboarding", offboarding.name)
		);
		this.page.add_menu_item(__("Print complete file"), () =>
			frappe.set_route("print", "Offboarding", offboarding.name)
		);
		if (offboarding.status !== "Cancelled")
			this.page.add_menu_item(__("Cancel offboarding"), () => this.cancel());
	}

	add_freezing() {
		const { name, employee_name, frozen_on, unfreezes, is_enabled } = this.state.offboarding;
		const call = async (method) => {
			await frappe.call({
				method: `${API}.${method}`,
				args: { offboarding: name },
				freeze: true,
			});
			this.show_route();
		};
		if (unfreezes)
			this.page.add_menu_item(__("Give access back"), () =>
				frappe.confirm(
					__("Restore all access of {0} exactly as it was?", [escape(employee_name)]),
					() => call("unfreeze")
				)
			);
		if (is_enabled || !frozen_on)
			this.page.add_menu_item(__("Freeze access"), () =>
				frappe.confirm(
					__("Stop all access of {0} now? It can be given back exactly as it was.", [
						escape(employee_name),
					]),
					() => call("freeze")
				)
			);
	}

	// what HR knows better than the records
	edit_facts() {
		const { offboarding } = this.state;
		const field = (fieldname, label, fieldtype) => ({
			fieldname,
			label,
			fieldtype,
			default: offboarding[fieldname],
		});
		frappe.prompt(
			[
				field("resignation_date", __("Resigned on"), "Date"),
				field("last_working_day", __("Last working day"), "Date"),
				field("leaving_for", __("Leaving for"), "Data"),
			],
			async (values) => {
				await frappe.db.set_value("Offboarding", offboarding.name, values);
				this.show_route();
			},
			__("Edit"),
			__("Save")
		);
	}

	head() {
		const { offboarding, runs } = this.state;
		const facts = [
			[__("Resigned on"), day(offboarding.resignation_date)],
			[__("Last working day"), day(offboarding.last_working_day) || __("not set")],
			[__("Manager"), offboarding.manager_name],
			[__("Leaving for"), offboarding.leaving_for || (runs ? __("not known") : "")],
			[__("Access frozen on"), moment(offboarding.frozen_on)],
		].filter(([, value]) => value);
		const words = facts.map(
			([label, value]) =>
				`<span><span class="text-muted">${escape(label)}</span> ${escape(value)}</span>`
		);
		const cancelled =
			offboarding.status === "Cancelled" && runs
				? `<div class="wizard-cancelled"><b>${__("Cancelled")}:</b> ${escape(offboarding.cancel_reason)}
						${this.not_undone(offboarding.not_undone)}</div>`
				: "";
		const edit =
			runs && offboarding.status !== "Cancelled"
				? `<button class="btn btn-xs btn-link" data-edit>${__("Edit")}</button>`
				: "";
		return words.join("") + edit + cancelled;
	}

	not_undone(text) {
		if (!text) return "";
		const lines = text.split("\n").map((line) => `<li>${escape(line)}</li>`);
		return `<p>${__("Not undone:")}</p><ul>${lines.join("")}</ul>`;
	}

	steps() {
		return this.state.steps
			.map((row) => {
				const active = row.step === this.state.current ? "active" : "";
				const due =
					row.due_on && !["Done", "Skipped"].includes(row.status)
						? `<small class="${row.is_late ? "text-danger" : "text-muted"}">${__(
								"due {0}",
								[day(row.due_on)]
							)}</small>`
						: `<small class="text-muted">${escape(__(row.status))}</small>`;
				return `
					<a href="#" class="wizard-step ${active}" data-step="${escape(row.step)}"
						${active ? 'aria-current="step"' : ""}>
						<span class="indicator ${COLORS[row.status]}"></span>
						<span>${escape(row.label)}${due}</span>
					</a>`;
			})
			.join("");
	}

	show_work() {
		const row = this.state.steps.find(({ step }) => step === this.state.current);
		const $work = this.$body.find(".wizard-work");
		if (!row) return;
		$work.html(`
			<h4>${escape(row.label)}</h4>
			${this.record(row)}
			<div class="wizard-body"></div>
			<div class="wizard-foot"></div>`);
		const part = new StepPart(this, row, this.state.known, $work.find(".wizard-body"));
		(parts[row.step] || (() => {}))(part);
		if (this.state.offboarding.status === "Cancelled") {
			part.$body.find("button, input, select, textarea").prop("disabled", true);
			return;
		}
		this.foot(row).appendTo($work.find(".wizard-foot"));
	}

	// who did what, if somebody did
	record(row) {
		const lines = [];
		if (row.status !== "Open" && row.done_by_name)
			lines.push(
				`<b>${escape(__(row.status))}</b> · ${escape(row.done_by_name)}, ${escape(moment(row.done_on))}`
			);
		if (row.result) lines.push(escape(row.result));
		if (row.status === "Open" && row.responsible_name)
			lines.push(__("For {0}", [escape(row.responsible_name)]));
		return lines.length
			? `<div class="wizard-record">${lines.map((line) => `<div>${line}</div>`).join("")}</div>`
			: "";
	}

	foot(row) {
		const is_over = ["Done", "Skipped"].includes(row.status);
		const $foot = $(`<span></span>`);
		const link = (label, action) =>
			$(`<button class="btn btn-xs btn-link"></button>`)
				.text(label)
				.on("click", action)
				.appendTo($foot);
		if (is_over) link(__("Reopen this step"), () => this.send("reopen", row.step));
		else link(__("Skip this step…"), () => this.skip(row));
		return $foot;
	}

	skip(row) {
		frappe.prompt(
			[
				{
					fieldname: "reason",
					fieldtype: "Small Text",
					label: __("Reason"),
					reqd: 1,
				},
			],
			({ reason }) => this.send("skip", row.step, { reason }),
			row.label,
			__("Skip")
		);
	}

	cancel() {
		frappe.prompt(
			[
				{
					fieldname: "reason",
					fieldtype: "Small Text",
					label: __("Reason"),
					reqd: 1,
				},
				{
					fieldname: "note",
					fieldtype: "HTML",
					options: `<p class="text-muted">${__(
						"Everything the steps did is undone where possible. The rest is listed."
					)}</p>`,
				},
			],
			async ({ reason }) => {
				await frappe.call({
					method: `${API}.cancel`,
					args: { offboarding: this.state.offboarding.name, reason },
					freeze: true,
				});
				this.show_route();
			},
			__("Cancel offboarding"),
			__("Cancel offboarding")
		);
	}

	run(step, args = {}) {
		return this.send("run", step, { arguments: args });
	}

	// returns whether it worked; Frappe has shown any error already
	async send(method, step, args = {}) {
		try {
			const { message } = await frappe.call({
				method: `${API}.${method}`,
				args: {
					offboarding: this.state.offboarding.name,
					step,
					// what somebody else did meanwhile wins
					seen: this.state.steps.find((row) => row.step === step)?.done_on || "",
					...args,
				},
				freeze: true,
			});
			this.show(message);
			return true;
		} catch {
			return false;
		}
	}
};
