const ROOM = "crm_transparency.ringers";

frappe.ui.form.on("Ringer Case", {
	setup(form) {
		frappe.meta.get_docfield("Ringer Case Sighting", "ringer").formatter = (ringer) =>
			escape(form.doc.__onload?.ringers?.[ringer] || ringer);
	},
	refresh(form) {
		// nothing may be attached here, so there's no place for comments, files and tags
		form.page.sidebar.addClass("hidden");
		form.footer?.wrapper.addClass("hidden");
		form.page.set_title(form.doc.title || __("Ringer Case"));
		show_ranking(form);
		show_timeline(form);
		add_buttons(form);
	},
});

function add_buttons(form) {
	form.add_custom_button(__("Add note"), () =>
		frappe.prompt(
			{
				fieldname: "note",
				fieldtype: "Small Text",
				label: __("What did you find out?"),
				reqd: 1,
			},
			async ({ note }) => {
				await frappe.xcall(`${ROOM}.cases.add_note`, { case: form.doc.name, note });
				form.reload_doc();
			},
			__("Add note"),
			__("Add")
		)
	);
	form.add_custom_button(__("Recalculate"), async () => {
		await frappe.xcall(`${ROOM}.cases.recalculate`, { case: form.doc.name });
		form.reload_doc();
	});
}

function show_ranking(form) {
	const result = form.doc.__onload?.ranking || {};
	const wrapper = form.fields_dict.ranking_html.$wrapper;
	if (!result.summary) {
		wrapper.html(`<p class="text-muted">${__("The comparison is in progress.")}</p>`);
		return;
	}
	wrapper.html(`<div class="ringer-ranking">
		<p class="ringer-summary">${escape(result.summary)}</p>
		${people_html(result.people)}
		${result.explanations.map(explanation_html).join("")}
		<p class="text-muted">${__(
			"Weights are logarithms: 1 stands for ten times, 2 for a hundred times as likely. Each is an estimate; the documentation says where it comes from. Something that no ledger recorded may explain it, too."
		)}</p>
	</div>`);
}

function people_html(people) {
	if (!people.length) return "";
	const items = people.map(
		({ name, reasons, is_watched, exports }) => `<li>
			<b>${escape(name)}</b>
			${is_watched ? `<span class="indicator-pill orange">${__("being offboarded")}</span>` : ""}
			<span class="text-muted">${__("Exports of theirs below: {0}", [exports])}</span>
			${list_html(reasons, "ringer-for")}
		</li>`
	);
	return `<h5>${__("People the sender resembles")}</h5><ul class="ringer-people">${items.join("")}</ul>`;
}

function explanation_html(row, index) {
	const link = row.export
		? `<a href="/app/export-log/${encodeURIComponent(row.export)}">${escape(row.title)}</a>`
		: escape(row.title);
	return `<section class="ringer-explanation">
		<header>
			<span class="ringer-place">${index + 1}</span>
			<div>
				<div class="ringer-title">${link}</div>
				<div class="text-muted">${__("Explains {0} of {1} ringers", [row.explains, row.ringers])} ·
					${escape(row.support)} · ${__("weight {0}", [row.weight])} · ${__("share {0}", [escape(row.share_in_words)])}</div>
			</div>
		</header>
		<div class="ringer-sides">
			<div><h6>${__("Supports it")}</h6>${list_html(row.reasons, "ringer-for")}</div>
			<div><h6>${__("Speaks against it")}</h6>${list_html(row.against, "ringer-against")}
				<p>${escape(row.others)}</p></div>
		</div>
	</section>`;
}

function list_html(reasons, css_class) {
	if (!reasons.length) return `<p class="text-muted">${__("Nothing")}</p>`;
	const items = reasons.map(
		({ text, weight }) =>
			`<li>${escape(text)}${weight === null ? "" : ` <span class="ringer-weight">${signed(weight)}</span>`}</li>`
	);
	return `<ul class="${css_class}">${items.join("")}</ul>`;
}

function show_timeline(form) {
	const events = [...(form.doc.__onload?.timeline || [])].reverse();
	const items = events.map(
		({ on, kind, by, text }) => `<li>
			<span class="text-muted">${escape(frappe.datetime.str_to_user(on))}</span>
			<b>${escape(__(kind))}</b> ${by ? escape(frappe.user.full_name(by)) : ""}
			<div>${escape(text).replace(/\n/g, "<br>")}</div>
		</li>`
	);
	form.fields_dict.timeline_html.$wrapper.html(
		`<ol class="ringer-timeline">${items.join("")}</ol>`
	);
	form.fields_dict.sightings.grid.wrapper.on(
		"click",
		".grid-row [data-fieldname=sighting]",
		(event) => {
			const name = $(event.currentTarget).closest(".grid-row").data("doc")?.sighting;
			if (name) frappe.set_route("Form", "Ringer Sighting", name);
		}
	);
}

function signed(weight) {
	return weight > 0 ? `+${weight}` : `${weight}`.replace("-", "−");
}

function escape(text) {
	return frappe.utils.escape_html(String(text ?? ""));
}
