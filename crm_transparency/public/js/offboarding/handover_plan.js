// Step 4: the plan. The server finds, sorts, counts and changes its rows; this shows a page of them.

const API = "crm_transparency.offboarding.handover_api";
const SECONDS_BETWEEN_LOOKS = 2;
const SECONDS_BEFORE_A_SEARCH = 0.4;
const PAGE_LENGTHS = [100, 1000, 10000];
// rendering ten thousand rows takes a browser long: so many at a time, as the reader scrolls near the end
const ROWS_DRAWN_AT_ONCE = 200;
const PIXELS_AHEAD = 1500;
const { escape, day, facts, heading, note, parts } = crm_transparency.offboarding;

crm_transparency.offboarding.parts.handover_plan = (step) => {
	const { known } = step;
	if (!known.has_user) {
		step.add(note(__("There is no user, so there are no accounts to hand over.")));
		step.button(__("Confirm"), () => step.run(), true);
		return;
	}
	const { state, summary } = known;
	if (!state || !(state.computed_on || state.task)) {
		step.add(
			`<p>${__(
				"The plan lists everything that belongs to {0}, shows who else knows each customer, and proposes a successor.",
				[escape(step.offboarding.employee_name)]
			)}</p>`
		);
		step.button(__("Create plan"), () => step.run(), true);
		return;
	}
	currency = known.currency;
	if (state.error_message) step.add(note(state.error_message, "red"));
	if (state.task) return watch(step, state);
	for (const warning of known.warnings) step.add(note(warning, "orange"));
	step.add(`<div class="handover-summary">${summary_of(summary)}</div>`);
	const is_fixed = Boolean(state.account_transfer) && step.row.status === "Done";
	step.button(__("Approve plan"), () => step.run({ action: "finish" }), true);
	step.button(__("Recalculate"), () => step.run());
	const $accounts = $(`<div class="handover-accounts"></div>`);
	const $things = $(`<div class="handover-things"></div>`);
	step.$body.append($accounts, $things);
	new Accounts(step, $accounts, is_fixed).show();
	new Things(step, $things).show();
};

function call(method, args, type = "POST") {
	return frappe.call({ method: `${API}.${method}`, type, args }).then(({ message }) => message);
}

function count_of(value, one, many) {
	return value === 1 ? one : many;
}

function number(value, decimals = 0) {
	return format_number(value, null, decimals);
}

// of the plan that is shown
let currency = null;

function money(value) {
	return value ? format_currency(value, currency, 0) : "";
}

// polls until the background job is finished
function watch(step, state) {
	const $progress = $(`<div class="handover-progress"></div>`).appendTo(step.$body);
	const show = ({ task, done, total }) => {
		const sentences = {
			Compute: __("Calculating: {0} of {1} accounts", [number(done), number(total)]),
			Transfer: __("Moving other items…"),
			Undo: __("Undoing the transfer…"),
		};
		const percent = task === "Compute" && total ? Math.round((100 * done) / total) : 100;
		$progress.html(`
			<p>${escape(sentences[task])}</p>
			<div class="progress"><div class="progress-bar" role="progressbar" aria-valuenow="${percent}"
				aria-valuemin="0" aria-valuemax="100" style="width: ${percent}%"></div></div>`);
	};
	show(state);
	look_again(step, $progress, show);
}

function look_again(step, $progress, show) {
	setTimeout(async () => {
		// the user may have left the page meanwhile
		if (!document.contains($progress[0])) return;
		const progress = await call("progress", { offboarding: step.offboarding.name }, "GET");
		if (!document.contains($progress[0])) return;
		if (!progress.task) return step.wizard.show_route();
		show(progress);
		look_again(step, $progress, show);
	}, SECONDS_BETWEEN_LOOKS * 1000);
}

function summary_of(summary) {
	const types = summary.by_type.map(({ label, accounts }) => `${__(label)}: ${number(accounts)}`);
	const people = summary.by_successor.map(
		({ label, accounts }) => `${label}: ${number(accounts)}`
	);
	return facts([
		[__("Accounts"), number(summary.accounts)],
		[__("By type"), types.length > 1 ? types.join(" · ") : ""],
		[__("Key accounts"), number(summary.key_accounts)],
		[__("Nobody else knows this customer"), number(summary.known_to_nobody_else)],
		[__("Currency"), currency],
		[__("Open value"), money(summary.open_value)],
		[__("Orders in the last 12 months"), money(summary.revenue)],
		[__("By successor"), people.join(" · ")],
		[
			__("Without successor"),
			summary.without_successor ? number(summary.without_successor) : "",
		],
	]);
}

// lets the user choose a colleague, and passes on the user name
crm_transparency.offboarding.choose_colleague = (title, leaver, action) => {
	const dialog = new frappe.ui.Dialog({
		title,
		fields: [
			{
				fieldname: "user",
				fieldtype: "Link",
				options: "User",
				label: __("Colleague"),
				reqd: 1,
				get_query: () => crm_transparency.user_query({ but: leaver }),
				onchange: () => allow(dialog.get_field("user").value),
			},
		],
		primary_action_label: __("Choose"),
		primary_action: ({ user }) => {
			dialog.hide();
			action(user);
		},
	});
	const allow = (user) => dialog.get_primary_btn().prop("disabled", !user);
	// the Desk accepts a name only once the server confirmed it; until then the field is empty
	allow(null);
	// leaves room for the suggestions above the buttons
	dialog.$wrapper.addClass("handover-colleague");
	dialog.show();
};

class Accounts {
	constructor(step, $place, is_fixed) {
		Object.assign(this, { step, $place, is_fixed });
		this.offboarding = step.offboarding.name;
		this.filters = {};
		this.start = 0;
		this.length = PAGE_LENGTHS[0];
		this.sort = "worth";
		this.descending = true;
		this.chosen = new Set();
		this.all_that_fit = false;
	}

	show() {
		this.$place.html(`
			${heading(__("Accounts"))}
			<div class="handover-filters">${this.filter_fields()}</div>
			<div class="handover-bulk"></div>
			<div class="handover-rows" aria-live="polite"></div>
			<div class="handover-paging"></div>`);
		this.$place
			.find("[data-filter]")
			.on("input change", (event) => this.filter(event.currentTarget));
		this.$place.on("change", "[data-choose]", (event) => this.choose(event.currentTarget));
		this.$place.on("click", "[data-successor]", (event) =>
			this.give([event.currentTarget.dataset.successor])
		);
		this.$place.on("click", "[data-key]", (event) =>
			this.toggle_key(event.currentTarget.dataset)
		);
		this.$place.on("click", "[data-sort]", (event) =>
			this.sort_by(event.currentTarget.dataset.sort)
		);
		this.load();
	}

	filter_fields() {
		const { summary } = this.step.known;
		const option = (value, label) =>
			`<option value="${escape(value)}">${escape(label)}</option>`;
		const select = (name, label, options) => `
			<select class="form-control input-xs" data-filter="${name}" aria-label="${escape(label)}">
				${option("", label)}${options.join("")}</select>`;
		const types = summary.by_type.map(({ value, label }) => option(value, label));
		const people = summary.by_successor.map(({ value, label }) => option(value, label));
		return [
			`<input type="search" class="form-control input-xs" data-filter="text"
				placeholder="${__("Account")}" aria-label="${__("Account")}">`,
			types.length > 1 ? select("document_type", __("All types"), types) : "",
			summary.territories.length > 1
				? select(
						"territory",
						__("All territories"),
						summary.territories.map((name) => option(name, name))
					)
				: "",
			select("successor", __("All successors"), [
				option("nobody", __("No successor")),
				...people,
			]),
			select("coverage", __("Known by anyone"), [
				option("unknown", __("Nobody else knows this customer")),
				option("known", __("A colleague knows this customer")),
			]),
			`<label class="handover-check"><input type="checkbox" data-filter="key_accounts"> ${__("Key accounts")}</label>`,
			`<label class="handover-check"><input type="checkbox" data-filter="changed"> ${__("Changed manually")}</label>`,
		].join("");
	}

	filter(field) {
		const value = field.type === "checkbox" ? field.checked : field.value;
		if ((this.filters[field.dataset.filter] || "") === (value || "")) return;
		this.filters[field.dataset.filter] = value;
		this.start = 0;
		this.forget_choice();
		clearTimeout(this.search);
		this.search = setTimeout(
			() => this.load(),
			field.type === "search" ? SECONDS_BEFORE_A_SEARCH * 1000 : 0
		);
	}

	forget_choice() {
		this.chosen.clear();
		this.all_that_fit = false;
	}

	sort_by(column) {
		this.descending = this.sort === column ? !this.descending : column !== "account_title";
		this.sort = column;
		this.start = 0;
		this.load();
	}

	async load() {
		const request = (this.request = {});
		const page = await call(
			"page",
			{
				offboarding: this.offboarding,
				filters: JSON.stringify(this.filters),
				sort: this.sort,
				descending: this.descending ? 1 : 0,
				start: this.start,
				length: this.length,
			},
			"GET"
		);
		// a response to an earlier request is outdated
		if (request !== this.request) return;
		this.page = page;
		this.show_rows();
		this.show_bulk();
		this.show_paging();
	}

	show_rows() {
		const $rows = this.$place.find(".handover-rows");
		if (!this.page.rows.length)
			return $rows.html(`<p class="text-muted">${__("No matching accounts.")}</p>`);
		const head = [
			`<th scope="col"><input type="checkbox" data-choose="" aria-label="${__("Select all on this page")}"></th>`,
			this.column("account_title", __("Account")),
			this.column("worth", __("Business")),
			this.column("last_contact", __("Who else knows the customer")),
			this.column("successor", __("Successor")),
		];
		$rows.html(`<table class="table table-sm handover-table"><thead><tr>${head.join("")}</tr></thead>
			<tbody></tbody></table><div class="handover-end"></div>`);
		this.draw_rows($rows.find("tbody")[0], $rows.find(".handover-end")[0]);
	}

	draw_rows(table, end) {
		this.watcher?.disconnect();
		let drawn = 0;
		const draw_more = () => {
			const rows = this.page.rows.slice(drawn, drawn + ROWS_DRAWN_AT_ONCE);
			table.insertAdjacentHTML("beforeend", rows.map((row) => this.row(row)).join(""));
			drawn += rows.length;
			return drawn < this.page.rows.length;
		};
		if (!draw_more()) return;
		const watcher = new IntersectionObserver(
			([{ isIntersecting }]) => {
				if (!isIntersecting) return;
				// checks again whether the end is still near
				watcher.unobserve(end);
				if (draw_more()) watcher.observe(end);
			},
			{ rootMargin: `${PIXELS_AHEAD}px` }
		);
		watcher.observe(end);
		this.watcher = watcher;
	}

	column(field, label) {
		const arrow = this.sort === field ? (this.descending ? " ↓" : " ↑") : "";
		return `<th scope="col"><button class="btn btn-xs btn-link" data-sort="${field}">${escape(label)}${arrow}</button></th>`;
	}

	row(row) {
		const link = frappe.utils.get_form_link(row.reference_doctype, row.reference_name);
		const key = row.is_key_account
			? { icon: "★", label: __("Key account. Click to change.") }
			: { icon: "☆", label: __("Not a key account. Click to change.") };
		const business = [
			row.open_business,
			row.revenue ? __("Orders in 12 months: {0}", [money(row.revenue)]) : "",
		].filter(Boolean);
		const last = row.last_contact
			? __("Last contact: {0}", [day(row.last_contact)])
			: __("No contact on record");
		const known = (row.known_by || __("Nobody else")).split("\n");
		return `<tr>
			<td><input type="checkbox" data-choose="${escape(row.name)}" ${
				this.chosen.has(row.name) || this.all_that_fit ? "checked" : ""
			} aria-label="${escape(row.account_title)}"></td>
			<td><div class="handover-account">
				<button class="btn btn-xs handover-key" data-key="${escape(row.name)}" data-is="${row.is_key_account}"
					aria-label="${escape(key.label)}" title="${escape(key.label)}" aria-pressed="${Boolean(row.is_key_account)}"
					>${key.icon}</button>
				<span><a href="${link}">${escape(row.account_title)}</a>
				<small class="text-muted">${escape([__(row.reference_doctype), row.territory].filter(Boolean).join(" · "))}</small></span>
			</div></td>
			<td>${business.map((line) => `<div>${escape(line)}</div>`).join("") || `<span class="text-muted">–</span>`}</td>
			<td>${known.map((line) => `<div>${escape(line)}</div>`).join("")}<small class="text-muted">${escape(last)}</small></td>
			<td><button class="btn btn-xs btn-default" data-successor="${escape(row.name)}">${escape(
				row.successor_name || __("Choose…")
			)}</button>
				<small class="text-muted">${escape(row.chosen_by ? __("Chosen manually") : row.reason)}</small></td>
		</tr>`;
	}

	choose(box) {
		this.all_that_fit = false;
		const names = box.dataset.choose
			? [box.dataset.choose]
			: this.page.rows.map(({ name }) => name);
		for (const name of names) this.chosen[box.checked ? "add" : "delete"](name);
		if (!box.dataset.choose)
			this.$place.find("tbody [data-choose]").prop("checked", box.checked);
		this.show_bulk();
	}

	show_bulk() {
		const $bulk = this.$place.find(".handover-bulk").empty();
		const count = this.all_that_fit ? this.page.total : this.chosen.size;
		const text = count
			? __("{0} selected", [number(count)])
			: this.page.worth === null
				? count_of(
						this.page.total,
						__("1 account"),
						__("{0} accounts", [number(this.page.total)])
					)
				: count_of(
						this.page.total,
						__("1 account worth {0}", [money(this.page.worth) || 0]),
						__("{0} accounts worth {1}", [
							number(this.page.total),
							money(this.page.worth) || 0,
						])
					);
		$bulk.append($("<span>").text(text));
		const button = (label, action) =>
			$(`<button class="btn btn-xs btn-default"></button>`)
				.text(label)
				.on("click", action)
				.appendTo($bulk);
		if (count) {
			button(__("Assign to…"), () => this.give(null));
			button(__("Use proposals"), () => this.change({ as_proposed: 1 }));
			button(__("Key accounts"), () => this.change({ is_key_account: 1 }));
			button(__("Not key accounts"), () => this.change({ is_key_account: 0 }));
		}
		if (this.page.total && !this.all_that_fit)
			button(__("Select all {0}", [number(this.page.total)]), () => {
				this.all_that_fit = true;
				this.$place.find("[data-choose]").prop("checked", true);
				this.show_bulk();
			});
		if (!count) {
			button(__("Download as CSV"), () => this.download());
			button(__("Upload CSV…"), () => this.upload());
		}
	}

	show_paging() {
		const $paging = this.$place.find(".handover-paging").empty();
		const { total, rows } = this.page;
		if (total <= PAGE_LENGTHS[0]) return;
		const move = (label, start, is_possible) =>
			$(`<button class="btn btn-xs btn-default"></button>`)
				.text(label)
				.prop("disabled", !is_possible)
				.on("click", () => {
					this.start = start;
					if (!this.all_that_fit) this.chosen.clear();
					this.load();
				})
				.appendTo($paging);
		move(__("Back"), Math.max(0, this.start - this.length), this.start > 0);
		$paging.append(
			$("<span>").text(
				__("{0} to {1} of {2}", [
					number(rows.length ? this.start + 1 : 0),
					number(this.start + rows.length),
					number(total),
				])
			)
		);
		move(__("Next"), this.start + this.length, this.start + rows.length < total);
		for (const length of PAGE_LENGTHS)
			$(`<button class="btn btn-xs"></button>`)
				.text(number(length))
				.attr("title", __("Rows per page"))
				.toggleClass("btn-secondary", length === this.length)
				.on("click", () => {
					this.length = length;
					this.load();
				})
				.appendTo($paging);
	}

	give(names) {
		const title = names ? __("Who gets this account?") : __("Who gets these accounts?");
		crm_transparency.offboarding.choose_colleague(
			title,
			this.step.offboarding.user,
			(successor) => this.change({ successor }, names)
		);
	}

	toggle_key({ key, is }) {
		this.change({ is_key_account: is === "1" ? 0 : 1 }, [key]);
	}

	async change(what, names = null) {
		const meant = names
			? { names: JSON.stringify(names) }
			: this.all_that_fit
				? { filters: JSON.stringify(this.filters) }
				: { names: JSON.stringify([...this.chosen]) };
		const changed = await call("change", { offboarding: this.offboarding, ...meant, ...what });
		if (!names) {
			frappe.show_alert({
				message: count_of(
					changed,
					__("1 account changed"),
					__("{0} accounts changed", [number(changed)])
				),
				indicator: "green",
			});
			this.forget_choice();
		}
		this.load();
		this.renew_summary();
	}

	async renew_summary() {
		const { message } = await frappe.call({
			method: "crm_transparency.offboarding.wizard_api.open",
			type: "GET",
			args: { offboarding: this.offboarding, step: this.step.key },
		});
		this.step.$body.find(".handover-summary").html(summary_of(message.known.summary));
	}

	download() {
		const query = new URLSearchParams({
			offboarding: this.offboarding,
			filters: JSON.stringify(this.filters),
		});
		window.open(`/api/method/${API}.download?${query}`);
	}

	upload() {
		new frappe.ui.FileUploader({
			restrictions: { allowed_file_types: [".csv"] },
			make_attachments_public: false,
			allow_multiple: false,
			on_success: ({ file_url }) => this.try_upload(file_url),
		});
	}

	// first what would change, and which lines can't be used
	async try_upload(file_url) {
		const args = { offboarding: this.offboarding, file_url };
		const outcome = await call("upload", { ...args, dry_run: 1 });
		const problems = outcome.problems.map(
			({ line, account, problem }) =>
				`<li>${escape(__("Line {0}", [line]))} ${escape(account)}: ${escape(problem)}</li>`
		);
		const dialog = new frappe.ui.Dialog({
			title: __("Changes in the file"),
			fields: [{ fieldname: "outcome", fieldtype: "HTML" }],
			primary_action_label: outcome.changes
				? count_of(
						outcome.changes,
						__("Change 1 account"),
						__("Change {0} accounts", [number(outcome.changes)])
					)
				: __("Close"),
			primary_action: async () => {
				dialog.hide();
				if (!outcome.changes) return;
				await call("upload", { ...args, dry_run: 0 });
				this.load();
				this.renew_summary();
			},
		});
		dialog.get_field("outcome").$wrapper.html(`
			<p>${__("Lines: {0}, with changes: {1}.", [number(outcome.lines), number(outcome.changes)])}</p>
			${
				outcome.total_problems
					? `<p>${__("Lines that can't be used and change nothing: {0}", [number(outcome.total_problems)])}</p>
						<ul class="handover-problems">${problems.join("")}</ul>`
					: ""
			}`);
		dialog.show();
	}
}

class Things {
	constructor(step, $place) {
		Object.assign(this, { step, $place });
		this.offboarding = step.offboarding.name;
	}

	async show() {
		const rows = await call("list_belongings", { offboarding: this.offboarding }, "GET");
		this.$place.html(heading(__("Other items of {0}", [this.step.offboarding.employee_name])));
		if (!rows.length)
			return this.$place.append(`<p class="text-muted">${__("Nothing found.")}</p>`);
		const kinds = new Map();
		for (const row of rows) kinds.set(row.kind, [...(kinds.get(row.kind) || []), row]);
		for (const of_kind of kinds.values()) this.$place.append(this.kind(of_kind));
		this.$place.on("change", "[data-action]", ({ currentTarget }) => {
			if (currentTarget.value)
				this.change([currentTarget.dataset.action], { action: currentTarget.value });
		});
		this.$place.on("click", "[data-to]", ({ currentTarget }) =>
			this.give(JSON.parse(currentTarget.dataset.to))
		);
	}

	kind(rows) {
		const open = rows.length <= 10 ? "open" : "";
		const names = JSON.stringify(rows.map(({ name }) => name));
		return `<details class="handover-kind" ${open}>
			<summary>${escape(rows[0].kind_label)} <span class="text-muted">${number(rows.length)}</span>
				<button class="btn btn-xs btn-link" data-to="${escape(names)}">${__("Assign all to…")}</button></summary>
			${rows.map((row) => this.thing(row)).join("")}
		</details>`;
	}

	thing(row) {
		const is_over = row.status === "Done";
		// a power, or somebody's mails: people decide about it
		const now = row.is_undecided ? "" : row.action;
		const option = (value, label) =>
			`<option value="${value}" ${now === value ? "selected" : ""}>${escape(label)}</option>`;
		const choice = is_over
			? `<span class="indicator-pill green no-indicator-dot">${__("Done")}</span>`
			: `<select class="form-control input-xs" data-action="${escape(row.name)}" aria-label="${escape(row.title)}">
				${row.is_undecided ? option("", __("To be decided")) : ""}${option("Move", __("Moves"))}${option("Leave", __("Stays"))}</select>`;
		const to =
			now === "Leave" && !is_over
				? ""
				: `<button class="btn btn-xs btn-default" ${is_over ? "disabled" : ""}
					data-to="${escape(JSON.stringify([row.name]))}">${escape(row.goes_to_name || __("Choose…"))}</button>`;
		const detail = [row.detail, money(row.value), row.note].filter(Boolean).join(" · ");
		return `<div class="handover-thing ${row.is_undecided ? "handover-undecided" : ""}">
			<span>${escape(row.title)} <small class="text-muted">${escape(detail)}</small></span>
			<span class="handover-choice">${choice}${to}</span>
		</div>`;
	}

	give(names) {
		crm_transparency.offboarding.choose_colleague(
			__("Who gets it?"),
			this.step.offboarding.user,
			(to_user) => this.change(names, { to_user, action: "Move" })
		);
	}

	async change(names, what) {
		await call("change_belongings", {
			offboarding: this.offboarding,
			names: JSON.stringify(names),
			...what,
		});
		this.$place.off();
		this.show();
	}
}

Object.assign(parts, { handover: { call, money, number, watch } });
