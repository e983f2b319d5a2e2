// Ringers: news of them, where they are missing, a form that invents some, drafts to look at, and those that there are.

(() => {
	const METHODS = "crm_transparency.ringers.page.ringer_planting.ringer_planting";
	const PARTS_AT_FIRST = 8;

	frappe.pages["ringer-planting"].on_page_load = (wrapper) => {
		const page = frappe.ui.make_app_page({
			parent: wrapper,
			title: __("Ringers"),
			single_column: true,
		});
		wrapper.ringer_planting = new RingerPlanting(page);
	};

	frappe.pages["ringer-planting"].on_page_show = (wrapper) => wrapper.ringer_planting.refresh();

	class RingerPlanting {
		constructor(page) {
			this.page = page;
			this.$body = $(`
				<div class="ringer-planting">
					<div data-part="notes"></div>
					<div data-part="news"></div>
					<div data-part="drafts"></div>
					<h4>${__("Coverage")}</h4>
					<div data-part="coverage"></div>
					<h4>${__("New ringers")}</h4>
					<div data-part="form"></div>
					<h4>${__("Ringers")}</h4>
					<div data-part="ringers"></div>
				</div>`).appendTo(page.main);
			page.add_menu_item(__("Ringer Settings"), () =>
				frappe.set_route("Form", "Ringer Settings")
			);
			page.add_menu_item(__("Ringer Managers"), () =>
				frappe.set_route("List", "Ringer Manager Change")
			);
			this.listen();
			this.make_form();
		}

		listen() {
			const on = (action, act) =>
				this.$body.on("click", `[data-action="${action}"]`, ({ currentTarget }) =>
					act(currentTarget.dataset.name, currentTarget)
				);
			on("draft-proposal", () => this.send("draft_proposal", {}));
			on("all-parts", () => this.show_coverage(true));
			on("edit", (name) => this.edit(name));
			on("discard", () => this.send("discard", { ringers: this.chosen() }));
			on("plant", () => this.plant());
			on("retire", (name) => this.retire(name));
			on("dismiss", (name) => this.send("dismiss", { notice: name }));
			this.$body.on("change", "[data-draft]", () => this.name_buttons());
		}

		part(name) {
			return this.$body.find(`[data-part="${name}"]`);
		}

		make_form() {
			const of_contacts = "eval:doc.planted_as === 'Contact'";
			this.form = new frappe.ui.FieldGroup({
				parent: this.part("form"),
				fields: [
					{
						fieldname: "count",
						fieldtype: "Int",
						label: __("Number"),
						default: 3,
						reqd: 1,
					},
					{
						fieldname: "planted_as",
						fieldtype: "Select",
						label: __("Type"),
						options: [
							{ value: "Contact", label: __("A contact at an existing customer") },
							{
								value: "Customer",
								label: __("A customer of its own with a contact"),
							},
							{ value: "Lead", label: __("A lead with a contact") },
						],
						default: "Contact",
					},
					{ fieldtype: "Column Break" },
					{
						fieldname: "territory",
						fieldtype: "Link",
						options: "Territory",
						label: __("Territory"),
					},
					{
						fieldname: "customer_group",
						fieldtype: "Link",
						options: "Customer Group",
						label: __("Customer group"),
						depends_on: "eval:doc.planted_as !== 'Lead'",
					},
					{
						fieldname: "account_owner",
						fieldtype: "Link",
						options: "User",
						get_query: () => crm_transparency.user_query(),
						label: __("Account owner"),
						depends_on: of_contacts,
					},
					{
						fieldname: "lists",
						fieldtype: "MultiSelectList",
						label: __("Lists"),
						get_data: (text) => frappe.db.get_link_options("Email Group", text),
					},
					{ fieldtype: "Column Break" },
					{
						fieldname: "watched_by",
						fieldtype: "Data",
						label: __("Watched by"),
						description: __("A user or a person's name"),
					},
					{
						fieldname: "in_newsletters",
						fieldtype: "Check",
						label: __("Receives our newsletters"),
						default: 1,
					},
					{
						fieldname: "only_recent",
						fieldtype: "Check",
						label: __("Created in the last two weeks"),
						description: __("If older copies of the data may exist to compare with"),
					},
					{
						fieldname: "with_address",
						fieldtype: "Check",
						label: __("With an address"),
						default: 1,
						depends_on: "eval:doc.planted_as !== 'Contact'",
					},
				],
			});
			this.form.make();
			$(`<button class="btn btn-default btn-sm">${__("Create drafts")}</button>`)
				.appendTo(this.part("form"))
				.on("click", () => this.draft());
		}

		async refresh() {
			this.take(await this.call("overview"));
		}

		async call(method, args = {}) {
			const { message } = await frappe.call({
				method: `${METHODS}.${method}`,
				args,
				type: "POST",
				freeze: method !== "overview",
			});
			return message;
		}

		async send(method, args) {
			await this.call(method, args);
			await this.refresh();
		}

		take(overview) {
			this.overview = overview;
			this.show_notes();
			this.show_news();
			this.show_drafts();
			this.show_coverage();
			this.show_ringers();
		}

		show_notes() {
			const { has_patterns, warnings } = this.overview;
			const notes = warnings.map((warning) => note(escape(warning), "warning"));
			if (!has_patterns) {
				const link = `<a href="/app/ringer-settings">${__("Ringer Settings")}</a>`;
				notes.unshift(
					note(
						__(
							"Before you plant the first ringer, enter in {0} the addresses at which mail to ringers arrives.",
							[link]
						),
						"info"
					)
				);
			}
			this.part("notes").html(notes.join(""));
		}

		show_news() {
			const { news } = this.overview;
			const lines = news.map(
				(notice) => `
					<li>
						<div><b>${escape(notice.record)}</b>: ${escape(notice.what)}
							<span class="text-muted">${escape(notice.who)}, ${escape(when(notice.happened_on))}</span></div>
						<button class="btn btn-xs btn-default" data-action="dismiss" data-name="${escape(notice.name)}">
							${__("Dismiss")}</button>
					</li>`
			);
			this.part("news").html(
				lines.length
					? `<h4>${__("What happened to ringers")}</h4><ul class="ringer-news">${lines.join("")}</ul>`
					: ""
			);
		}

		show_drafts() {
			const { drafts } = this.overview;
			if (!drafts.length) {
				this.part("drafts").empty();
				return;
			}
			const rows = drafts.map(
				(draft) => `
					<tr>
						<td><label><input type="checkbox" data-draft="${escape(draft.name)}" checked>
							<b>${escape(draft.full_name)}</b></label>
							<small>${escape([draft.designation, draft.at, draft.city].filter(Boolean).join(", "))}</small></td>
						<td>${escape(draft.email || "")}<small>${escape(draft.phone || __("no phone number"))}</small></td>
						<td>${this.where(draft)}</td>
						<td><button class="btn btn-xs btn-default" data-action="edit" data-name="${escape(draft.name)}">
							${__("Edit")}</button></td>
					</tr>`
			);
			this.part("drafts").html(`
				<h4>${__("Drafts")}</h4>
				<p class="text-muted">${__(
					"Nothing of this is in the CRM yet. When you plant them, each copies from the records around it who created it and when."
				)}</p>
				<table class="table table-sm">${head([__("Who"), __("Contact details"), __("Where"), ""])}
					<tbody>${rows.join("")}</tbody></table>
				<button class="btn btn-primary btn-sm" data-action="plant"></button>
				<button class="btn btn-default btn-sm" data-action="discard"></button>`);
			this.name_buttons();
		}

		name_buttons() {
			const count = this.chosen().length;
			this.part("drafts")
				.find(`[data-action="plant"]`)
				.prop("disabled", !count)
				.text(count === 1 ? __("Plant 1 ringer") : __("Plant {0} ringers", [count]));
			this.part("drafts")
				.find(`[data-action="discard"]`)
				.prop("disabled", !count)
				.text(__("Discard"));
		}

		chosen() {
			return this.part("drafts")
				.find("[data-draft]:checked")
				.toArray()
				.map((box) => box.dataset.draft);
		}

		where({ where, lists }) {
			const places = [...where, ...lists].map((place) => escape(place));
			return places.length
				? places.join(", ")
				: `<span class="text-muted">${__("anywhere")}</span>`;
		}

		show_coverage(all = false) {
			const { parts, words, proposal } = this.overview.coverage;
			// what can't be told apart comes first
			const sorted = [...parts].sort(
				(one, other) => !one.together_with.length - !other.together_with.length
			);
			const shown = all ? sorted : sorted.slice(0, PARTS_AT_FIRST);
			const rows = shown.map(
				(part) => `
					<tr>
						<td><b>${escape(part.name)}</b><small>${escape(part.kind)}</small></td>
						<td data-label="${__("Customers")}">${part.customers ?? "–"}</td>
						<td data-label="${__("Ringers")}">${part.ringers}</td>
						<td>${told_apart(part)}</td>
					</tr>`
			);
			const more = sorted.length - shown.length;
			this.part("coverage").html(`
				<p>${escape(words)}</p>
				${
					proposal.length
						? `<p><button class="btn btn-default btn-sm" data-action="draft-proposal">${
								proposal.length === 1
									? __("Create the proposed ringer")
									: __("Create the {0} proposed ringers", [proposal.length])
							}</button></p>`
						: ""
				}
				<table class="table table-sm">
					${head([__("Part"), __("Customers"), __("Ringers"), __("Same ringers as")])}
					<tbody>${rows.join("")}</tbody></table>
				${more > 0 ? `<button class="btn btn-xs btn-default" data-action="all-parts">${__("Show {0} more", [more])}</button>` : ""}`);
		}

		show_ringers() {
			const { ringers, export_rows } = this.overview;
			const in_files = export_rows
				? `<p class="text-muted">${__("{0} more exist in one exported file each.", [export_rows])}</p>`
				: "";
			if (!ringers.length) {
				this.part("ringers").html(
					in_files || `<p class="text-muted">${__("None yet.")}</p>`
				);
				return;
			}
			const rows = ringers.map(
				(ringer) => `
					<tr>
						<td><a href="/app/ringer/${encodeURIComponent(ringer.name)}"><b>${escape(ringer.full_name || ringer.name)}</b></a>
							<small>${escape([ringer.designation, ringer.at].filter(Boolean).join(", "))}</small></td>
						<td>${escape(ringer.email || "")}<small>${escape(ringer.phone || "")}</small></td>
						<td>${this.where(ringer)}
							${ringer.watched_by ? `<small>${__("watched by {0}", [escape(ringer.watched_by)])}</small>` : ""}</td>
						<td><span class="indicator-pill ${color(ringer.status)}">${escape(__(ringer.status))}</span>
							${
								ringer.status === "Planted"
									? `<button class="btn btn-xs btn-default" data-action="retire" data-name="${escape(ringer.name)}">${__("Retire")}</button>`
									: ""
							}</td>
					</tr>`
			);
			this.part("ringers").html(`
				<table class="table table-sm">${head([__("Who"), __("Contact details"), __("Where"), __("Status")])}
					<tbody>${rows.join("")}</tbody></table>${in_files}`);
		}

		async draft() {
			const values = this.form.get_values();
			if (values) await this.send("draft", values);
		}

		edit(name) {
			const draft = this.overview.drafts.find((one) => one.name === name);
			const field = (fieldname, label, fieldtype = "Data") => ({
				fieldname,
				label,
				fieldtype,
				default: draft[fieldname],
			});
			const dialog = new frappe.ui.Dialog({
				title: __("Edit draft"),
				fields: [
					field("full_name", __("Name")),
					field("email", __("Email address")),
					field("phone", __("Phone number")),
					field("watched_by", __("Watched by")),
					field("story", __("Story"), "Small Text"),
				],
				primary_action_label: __("Save"),
				primary_action: async (values) => {
					await this.send("change_draft", { ringer: name, values });
					dialog.hide();
				},
			});
			dialog.show();
		}

		plant() {
			const ringers = this.chosen();
			frappe.confirm(
				__(
					"From now on they are records like all others: colleagues see them, can write to them and export them. Plant {0}?",
					[ringers.length]
				),
				async () => {
					await this.send("plant", { ringers });
					frappe.show_alert({ message: __("Planted"), indicator: "green" });
				}
			);
		}

		retire(name) {
			const dialog = new frappe.ui.Dialog({
				title: __("Retire ringer"),
				fields: [
					{
						fieldtype: "HTML",
						options: `<p>${__("It stays active in the background, because earlier exports still contain it.")}</p>`,
					},
					{
						fieldname: "take_out",
						fieldtype: "Check",
						label: __("Remove its records from the CRM without a trace"),
					},
				],
				primary_action_label: __("Retire"),
				primary_action: async ({ take_out }) => {
					dialog.hide();
					await this.send("retire", { ringer: name, take_out: take_out ? 1 : 0 });
				},
			});
			dialog.show();
		}
	}

	function told_apart({ together_with }) {
		if (!together_with.length)
			return `<span class="indicator-pill green">${__("no other part")}</span>`;
		const others = together_with.slice(0, 3).map((other) => escape(other));
		const rest = together_with.length - others.length;
		const more = rest > 0 ? ` ${__("and {0} more", [rest])}` : "";
		return `<span class="text-muted">${others.join(", ") + more}</span>`;
	}

	function head(labels) {
		return `<thead><tr>${labels.map((label) => `<th scope="col">${label}</th>`).join("")}</tr></thead>`;
	}

	function note(html, kind) {
		return `<div class="alert alert-${kind}">${html}</div>`;
	}

	function color(status) {
		return { Planted: "green", Retired: "gray", Lost: "orange" }[status] || "blue";
	}

	function when(moment) {
		return frappe.datetime.str_to_user(moment.slice(0, 19));
	}

	function escape(text) {
		return frappe.utils.escape_html(String(text));
	}
})();
