// In lists of accounts: a mark on those that changed hands in the last days.

const RECENTLY_CHANGED = "crm_transparency.ownership.recent_edits.recently_changed";
const { after_render } = frappe.views.ListView.prototype;

frappe.views.ListView.prototype.after_render = function (...args) {
	after_render.apply(this, args);
	if (this.doctype in (frappe.boot.crm_transparency?.tracked_doctypes || {}))
		mark_recent_changes(this);
};

async function mark_recent_changes(list) {
	const names = list.data.map((account) => account.name);
	if (!names.length) return;
	const { message: changes } = await frappe.call({
		method: RECENTLY_CHANGED,
		args: { doctype: list.doctype, names },
		silent: true,
	});
	list.$result.find(".recent-owner-change").remove();
	list.$result.find(".list-subject a[data-name]").each((_index, link) => {
		const change = changes[link.dataset.name];
		if (change) $(link).before(mark(change));
	});
}

// a dot in the color of the kind; what happened on hover and for screen readers
function mark({ kind, changed_on, sentence }) {
	const meaning = `${sentence}, ${frappe.datetime.str_to_user(changed_on)}`;
	const $mark = $(`<span class="recent-owner-change indicator-pill" role="img"></span>`);
	return $mark
		.addClass(crm_transparency.KIND_COLORS[kind])
		.attr({ title: meaning, "aria-label": meaning, dir: "auto" });
}
