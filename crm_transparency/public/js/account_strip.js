// The strip on top of every account's form: whose account this is, since when, and who changed that last.
// The server says what it says; this file only shows it.

const READ = "crm_transparency.ownership.strip.read";
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
crm_transparency.kind_label = (kind) => (kind === "Taken Over" ? __("Takeover") : __(kind));

class AccountStrip {
	constructor(frm) {
		this.frm = frm;
		this.$strip = $(`<div class="account-strip" role="note"></div>`);
		this.$strip.attr("aria-label", __("Account ownership"));
		frm.layout.wrapper.before(this.$strip);
	}

	async refresh() {
		const { doctype, docname: name } = this.frm;
		this.$strip.toggleClass("hidden", this.frm.is_new());
		if (this.frm.is_new()) return;
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
		this.$strip.append(this.owner(strip));
		if (strip.last_change) this.$strip.append(this.last_change(strip));
		this.$strip.append(this.history_link());
	}

	owner(strip) {
		const { owner_field } = frappe.boot.crm_transparency.tracked_doctypes[this.frm.doctype];
		const label = __(frappe.meta.get_label(this.frm.doctype, owner_field));
		const $owner = $(`<div class="account-strip-owner"></div>`);
		if (!strip.account_owner) return $owner.text(__("{0}: nobody yet", [label]));
		$owner.append(frappe.avatar(strip.account_owner, "avatar-small"));
		$owner.append($("<span>").text(`${label}:`), $("<strong>").text(strip.account_owner_name));
		if (strip.since) $owner.append($("<span class='text-muted'>").append(__("since"), " ", when(strip.since)));
		return $owner;
	}

	last_change({ last_change: change, since }) {
		const $change = $(`<div class="account-strip-change"></div>`);
		const $kind = $(`<span class="indicator-pill no-indicator-dot"></span>`);
		$kind.addClass(KIND_COLORS[change.kind]).text(crm_transparency.kind_label(change.kind));
		$change.append($kind, $("<span>").text(change.sentence));
		if (change.changed_on !== since) $change.append(when(change.changed_on).addClass("text-muted"));
		if (change.reason) $change.append($("<q class='text-muted'>").text(change.reason));
		return $change;
	}

	history_link() {
		const $link = $(`<a class="account-strip-history" href="#"></a>`).text(__("All changes"));
		return $link.on("click", (event) => {
			event.preventDefault();
			frappe.set_route("List", "Account Owner Change", {
				reference_doctype: this.frm.doctype,
				reference_name: this.frm.docname,
			});
		});
	}
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
