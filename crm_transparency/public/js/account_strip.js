// The strip on top of every account's form: whose account this is, since when, who changed that last, and what else
// was changed last. The server says what it says; this file only shows it.

const READ = "crm_transparency.ownership.strip.read";
const GIVE_REASON = "crm_transparency.ownership.change_reasons.give";
const KIND_COLORS = {
	Baseline: "gray",
	Assigned: "green",
	"Taken Over": "orange",
	"Handed Over": "blue",
	Reassigned: "purple",
	Released: "gray",
};

frappe.provide("crm_transparency");
crm_transparency.KIND_COLORS = KIND_COLORS;

// what the user is called whom an entry of that moment names: somebody else may have the address by now
crm_transparency.full_name_at = (user, moment) => {
	const former = frappe.boot.crm_transparency.former_people[user] || [];
	const then = former.find(([until]) => moment <= until);
	return then ? then[1] : frappe.user.full_name(user);
};

class AccountStrip {
	constructor(frm) {
		this.frm = frm;
		this.$strip = $(`<div class="account-strip hidden" role="note"></div>`);
		this.$strip.attr("aria-label", __("Account ownership"));
		frm.layout.wrapper.before(this.$strip);
	}

	async refresh() {
		const { doctype, docname: name } = this.frm;
		if (this.frm.is_new()) return this.$strip.addClass("hidden");
		const { message } = await frappe.call({
			method: READ,
			type: "GET",
			args: { doctype, name },
			silent: true,
		});
		// the reader may have moved on to another document meanwhile
		if (name === this.frm.docname) this.show(message);
	}

	show(strip) {
		this.$strip.toggleClass("hidden", !strip).empty();
		if (!strip) return;
		this.$strip.append(
			row(
				this.owner(strip),
				strip.last_change && this.last_change(strip),
				this.history_link(strip)
			),
			row(this.last_edit(strip.edits)),
			this.earlier_edits(strip.edits.slice(1))
		);
	}

	owner(strip) {
		const { owner_field } = frappe.boot.crm_transparency.tracked_doctypes[this.frm.doctype];
		const label = __(frappe.meta.get_label(this.frm.doctype, owner_field));
		const $owner = part("owner");
		if (!strip.account_owner) return $owner.text(__("{0}: no one yet", [label]));
		$owner.append(frappe.avatar(strip.account_owner, "avatar-small"));
		$owner.append(
			$("<span>").text(`${label}:`),
			$("<strong dir='auto'>").text(strip.account_owner_name)
		);
		if (strip.since) {
			// the day in the reader's time zone, as the exact moment on hover is
			const since = frappe.datetime.convert_to_user_tz(strip.since);
			const day = frappe.datetime.str_to_user(since, false, true);
			const $since = $("<span class='text-muted'>").text(__("since {0}", [day]));
			$owner.append($since.attr("title", frappe.datetime.str_to_user(strip.since)));
		}
		return $owner;
	}

	last_change({ last_change: change, since }) {
		const $kind = $(`<span class="indicator-pill no-indicator-dot"></span>`);
		$kind.addClass(KIND_COLORS[change.kind]).text(__(change.kind));
		const $change = part("change").append($kind, sentence_in(change.sentence));
		if (change.account_transfer)
			$change.append(
				link(__("Open the transfer"), () =>
					frappe.set_route("Form", "Account Transfer", change.account_transfer)
				)
			);
		if (change.changed_on !== since)
			$change.append(when(change.changed_on).addClass("text-muted"));
		if (change.reason)
			$change.append($("<q class='text-muted' dir='auto'>").text(change.reason));
		if (change.reason_wanted)
			$change.append(link(__("Add reason"), () => this.ask_reason(change.entry)));
		return $change;
	}

	ask_reason(account_owner_change) {
		const field = {
			fieldname: "reason",
			fieldtype: "Small Text",
			label: __("Why did you take over this account?"),
			description: __("Everyone who sees this account can read it."),
			reqd: 1,
		};
		frappe.prompt(
			field,
			async ({ reason }) => {
				await frappe.call({ method: GIVE_REASON, args: { account_owner_change, reason } });
				this.refresh();
			},
			__("Add reason"),
			__("Add")
		);
	}

	history_link({ names, changes_in_12_months: count }) {
		const text =
			count === 1
				? __("1 change of owner in 12 months")
				: __("{0} changes of owner in 12 months", [format_number(count, null, 0)]);
		return link(text, () =>
			frappe.set_route("List", "Account Owner Change", {
				reference_doctype: this.frm.doctype,
				reference_name: names.length > 1 ? ["in", names.join(",")] : names[0],
			})
		).addClass("account-strip-history");
	}

	last_edit(edits) {
		const $edit = part("edit").append(edit_line(edits[0]));
		if (edits.length > 1 || edits[0].changes.length) {
			$edit.append(
				link(__("Details and earlier changes"), () =>
					this.$strip.find(".account-strip-edits").toggleClass("hidden")
				)
			);
		}
		this.newest_edit = edits[0];
		return $edit;
	}

	earlier_edits(earlier) {
		const $list = $(`<ul class="account-strip-edits hidden"></ul>`);
		for (const edit of [this.newest_edit, ...earlier]) {
			const $item = $("<li>").append(edit_line(edit)).appendTo($list);
			for (const { label, before, after } of edit.changes.filter(
				({ before, after }) => before || after
			)) {
				$item.append(
					$("<div class='text-muted' dir='auto'>").text(
						`${label}: ${before || "–"} → ${after || "–"}`
					)
				);
			}
		}
		return $list;
	}
}

const row = (...parts) => $(`<div class="account-strip-row"></div>`).append(parts.filter(Boolean));
const part = (name) =>
	$(`<div class="account-strip-part"></div>`).addClass(`account-strip-${name}`);

function link(text, on_click) {
	return $(`<a href="#"></a>`)
		.text(text)
		.on("click", (event) => {
			event.preventDefault();
			on_click();
		});
}

// a sentence with names in it, which may run in the other direction
const sentence_in = (sentence) => $("<span dir='auto'>").text(sentence);

function edit_line({ sentence, edited_on }) {
	return [sentence_in(sentence), " ", when(edited_on).addClass("text-muted")];
}

// "3 days ago", with the exact moment on hover; Frappe keeps it up to date
const when = (datetime) => $(frappe.datetime.comment_when(datetime));

$(document).on("app_ready", () => {
	for (const doctype of Object.keys(frappe.boot.crm_transparency?.tracked_doctypes || {})) {
		frappe.ui.form.on(doctype, {
			refresh(frm) {
				frm.account_strip ||= new AccountStrip(frm);
				frm.account_strip.refresh();
			},
		});
	}
});
