// Who may export, import, print and mail tracked data: a table of roles by document types, or by rights.

(() => {
	const METHODS = "crm_transparency.export_audit.export_rights";
	const BY_RIGHT = "right:";
	const BY_DOCTYPE = "doctype:";

	frappe.pages["export-rights"].on_page_load = (wrapper) => {
		const page = frappe.ui.make_app_page({
			parent: wrapper,
			title: __("Export Rights"),
			single_column: true,
		});
		wrapper.export_rights = new ExportRights(page);
	};

	frappe.pages["export-rights"].on_page_show = (wrapper) => wrapper.export_rights.refresh();

	class ExportRights {
		constructor(page) {
			this.page = page;
			this.$body = $(`<div class="export-rights"></div>`).appendTo(page.main);
			this.$body.on("change", ".export-rights-view", ({ target }) => this.show(target.value));
			this.$body.on("change", ".export-rights-rule", ({ target }) => this.change(target));
			this.$body.on("click", ".export-rights-add", ({ currentTarget }) =>
				this.confirm_and_change(currentTarget)
			);
			page.add_menu_item(__("All changes"), () =>
				frappe.set_route("List", "Export Right Change")
			);
			if (frappe.user.has_role("System Manager"))
				page.add_menu_item(__("Role Permissions Manager"), () =>
					frappe.set_route("permission-manager")
				);
		}

		async refresh() {
			const { message } = await frappe.call({ method: `${METHODS}.overview`, type: "GET" });
			this.take(message);
		}

		take(overview) {
			this.overview = overview;
			this.rules = {};
			for (const rule of overview.rules) {
				const of_role = (this.rules[rule.role] ||= {});
				(of_role[rule.doctype] ||= []).push(rule);
			}
			this.show(this.view || this.first_view());
		}

		// a phone has room for the four rights, and not for all document types
		first_view() {
			return frappe.is_mobile()
				? BY_DOCTYPE + this.overview.doctypes[0]
				: BY_RIGHT + Object.keys(this.overview.rights)[0];
		}

		show(view) {
			this.view = view;
			this.$body.html(`
				<p class="text-muted">${this.introduction()}</p>
				${this.chooser()}
				<div class="export-rights-table">${this.table()}</div>
				<h5>${__("Latest changes")}</h5>
				${this.changes()}
			`);
		}

		introduction() {
			const about = __(
				"These are the current permissions of this site. Rules marked “own” are for documents that the user created."
			);
			const how = this.overview.may_change
				? __("Every change goes through Frappe's Role Permissions and is recorded.")
				: __("System Managers can change them. Every change is recorded.");
			return `${about} ${how}`;
		}

		chooser() {
			const { rights, doctypes } = this.overview;
			const option = (value, label) =>
				`<option value="${escape(value)}" ${value === this.view ? "selected" : ""}>${escape(label)}</option>`;
			const by_right = Object.entries(rights).map(([right, label]) =>
				option(BY_RIGHT + right, __(label))
			);
			const by_doctype = doctypes.map((doctype) => option(BY_DOCTYPE + doctype, __(doctype)));
			return `
				<label class="export-rights-chooser">
					<span>${__("Show")}</span>
					<select class="export-rights-view form-control input-sm">
						<optgroup label="${__("One right, all document types")}">${by_right.join("")}</optgroup>
						<optgroup label="${__("One document type, all rights")}">${by_doctype.join("")}</optgroup>
					</select>
				</label>`;
		}

		// the columns of the table: each is a right for a document type
		columns() {
			const { rights, doctypes } = this.overview;
			if (this.view.startsWith(BY_RIGHT)) {
				const right = this.view.slice(BY_RIGHT.length);
				return doctypes.map((doctype) => ({ doctype, right, label: __(doctype) }));
			}
			const doctype = this.view.slice(BY_DOCTYPE.length);
			return Object.entries(rights).map(([right, label]) => ({
				doctype,
				right,
				label: __(label),
			}));
		}

		table() {
			const columns = this.columns();
			const roles = this.overview.roles.filter(
				({ role }) =>
					columns.some(({ doctype }) => this.rules[role][doctype]) || this.can_add()
			);
			const head = columns.map(({ label }) => `<th scope="col">${escape(label)}</th>`);
			const rows = roles.map(
				({ role, users }) => `
					<tr class="${users ? "" : "text-muted"}">
						<th scope="row">${escape(__(role))}<small>${number_of_users(users)}</small></th>
						${columns.map((column) => `<td>${this.cell(role, column)}</td>`).join("")}
					</tr>`
			);
			return `
				<table class="table table-sm">
					<thead><tr><th scope="col">${__("Role")}</th>${head.join("")}</tr></thead>
					<tbody>${rows.join("")}</tbody>
				</table>`;
		}

		can_add() {
			return this.overview.may_change;
		}

		cell(role, column) {
			const { doctype, right } = column;
			if (right === "import" && this.overview.not_importable.includes(doctype))
				return `<span class="text-muted" title="${__("Nobody can import these.")}">–</span>`;
			const rules = this.rules[role][doctype] || [];
			if (rules.length) return rules.map((rule) => this.rule(rule, right)).join("");
			return this.can_add() ? this.add(role, column) : `<span class="text-muted">–</span>`;
		}

		rule({ doctype, role, if_owner, rights }, right) {
			const own = if_owner ? `<small>${__("own")}</small>` : "";
			const meaning = `${__(role)}: ${__(this.overview.rights[right])}, ${__(doctype)}`;
			const label = escape(if_owner ? `${meaning} (${__("own documents only")})` : meaning);
			if (!this.overview.may_change) {
				const [mark, says] = rights[right]
					? ["✓", __("allowed")]
					: ["–", __("not allowed")];
				return `<span class="${rights[right] ? "" : "text-muted"}" title="${label}: ${says}">${mark}${own}</span>`;
			}
			return `
				<label title="${label}">
					<input type="checkbox" class="export-rights-rule" aria-label="${label}"
						${data_of({ doctype, role, right, if_owner: if_owner ? 1 : 0 })}
						${rights[right] ? "checked" : ""}>${own}
				</label>`;
		}

		add(role, { doctype, right }) {
			const label = __("{0} has no rule for {1} yet. Add one", [__(role), __(doctype)]);
			return `
				<button class="btn btn-xs export-rights-add" title="${escape(label)}" aria-label="${escape(label)}"
					${data_of({ doctype, role, right, if_owner: 0 })}>+</button>`;
		}

		changes() {
			const { changes } = this.overview;
			if (!changes.length) return `<p class="text-muted">${__("None yet.")}</p>`;
			const lines = changes.map((change) => {
				const when = frappe.datetime.str_to_user(change.changed_on);
				const own = change.if_owner ? ` (${__("own documents only")})` : "";
				const what = `${__(change.role)}: ${__(change.permission)}, ${__(change.document_type)}${own}`;
				const values = `${__(change.value_before)} → ${__(change.value_after)}`;
				return `<li>${escape(what)}: <b>${escape(values)}</b>
					<span class="text-muted">${escape(change.changed_by)}, ${escape(when)}</span></li>`;
			});
			return `<ul class="export-rights-changes">${lines.join("")}</ul>`;
		}

		change(checkbox) {
			const { doctype, role, right, if_owner } = checkbox.dataset;
			this.send({ doctype, role, right, if_owner, allowed: checkbox.checked ? 1 : 0 });
		}

		confirm_and_change(button) {
			const { doctype, role, right } = button.dataset;
			const names = [__(role), __(doctype), __(this.overview.rights[right])].map(escape);
			frappe.confirm(
				__(
					"{0} has no rule for {1} yet, so its users can't even read these documents by this role. Allow both, reading and {2}?",
					names
				),
				() => this.send({ doctype, role, right, if_owner: 0, allowed: 1 })
			);
		}

		async send(args) {
			try {
				const { message } = await frappe.call({
					method: `${METHODS}.change`,
					args,
					freeze: true,
				});
				this.take(message);
				frappe.show_alert({ message: __("Changed and recorded"), indicator: "green" });
			} catch {
				this.refresh();
			}
		}
	}

	function escape(text) {
		return frappe.utils.escape_html(String(text));
	}

	function data_of(values) {
		return Object.entries(values)
			.map(([name, value]) => `data-${name}="${escape(value)}"`)
			.join(" ");
	}

	function number_of_users(users) {
		return users === 1 ? __("1 user") : __("{0} users", [format_number(users, null, 0)]);
	}
})();
