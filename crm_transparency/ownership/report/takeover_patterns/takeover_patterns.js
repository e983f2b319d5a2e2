(() => {
	const { reports } = crm_transparency;
	const BAR = { width: 5, gap: 2, height: 18 };

	frappe.query_reports["Takeover Patterns"] = {
		filters: [
			...reports.period(frappe.boot.crm_transparency.pattern_days),
			reports.person("person", __("Person"), { hidden: reports.is_manager() ? 0 : 1 }),
			{ fieldname: "only_patterns", label: __("Only patterns"), fieldtype: "Check" },
			{
				fieldname: "everyone",
				label: __("Everyone"),
				fieldtype: "Check",
				hidden: reports.is_manager() ? 0 : 1,
			},
		],
		tree: true,
		name_field: "person_name",
		initial_depth: 0,
		onload(report) {
			reports.count_in_whole_numbers(report);
			$(report.page.wrapper)
				.off("click.coaching")
				.on("click.coaching", ".write-coaching-note", (event) => {
					event.preventDefault();
					write_coaching_note(report, event.currentTarget.dataset.person);
				});
		},
		formatter(value, row, column, data, default_formatter) {
			if (column.fieldname === "coaching") return data ? coaching(data) : "";
			if (column.fieldname === "pattern" && value) return reports.pill(value, "orange");
			const cell = reports.cell(value, row, column, data, default_formatter, links);
			if (column.fieldname === "trend" && data?.course)
				return `${course(data.course)} ${cell}`;
			return cell;
		},
	};

	const links = {
		person_name: ({ person, colleague, from_date, to_date }) =>
			colleague
				? null
				: reports.url("Employee Change Log", { user: person, from_date, to_date }),
		takeovers: ({ person, colleague, from_date, to_date }) =>
			reports.url("Account Owner Changes", {
				from_date,
				to_date,
				takeovers: 1,
				new_owner: person,
				...(colleague && { previous_owner: colleague }),
			}),
		all_changes: ({ person, from_date, to_date }) =>
			reports.url("Account Owner Changes", { from_date, to_date, changed_by: person }),
	};

	function write_coaching_note(report, person) {
		const { facts } = report.data.find((row) => row.facts && row.person === person);
		// v15's frappe.new_doc takes no texts
		frappe.model.with_doctype("Coaching Note", () => {
			const note = frappe.model.get_new_doc("Coaching Note");
			Object.assign(note, { employee_user: person, observation: facts });
			frappe.set_route("Form", "Coaching Note", note.name);
		});
	}

	// the note that the reader may read, and, for managers, the way to a new one
	function coaching(data) {
		return [coaching_note(data), new_coaching_note(data)].filter(Boolean).join(" · ");
	}

	function coaching_note({ coaching, coaching_note: name }) {
		if (!name) return "";
		const url = frappe.utils.escape_html(reports.document_url("Coaching Note", name));
		return `<a class="report-link" href="${url}">${frappe.utils.escape_html(coaching)}</a>`;
	}

	function new_coaching_note({ facts, person, coaching_note: name }) {
		if (!facts) return "";
		const label = name ? __("Write another") : __("Write a coaching note");
		return `<a href="#" role="button" class="report-link write-coaching-note"
			data-person="${frappe.utils.escape_html(person)}">${label}</a>`;
	}

	// a bar for each part of the period
	function course(counts) {
		const most = Math.max(...counts, 1);
		const bars = counts.map((count, number) => {
			const height = Math.max(1, Math.round((BAR.height * count) / most));
			return `<rect x="${number * (BAR.width + BAR.gap)}" y="${BAR.height - height}" width="${BAR.width}"
				height="${height}" fill="var(--${count ? "orange-400" : "gray-300"})"></rect>`;
		});
		const width = counts.length * (BAR.width + BAR.gap);
		return `<svg width="${width}" height="${BAR.height}" role="img" aria-label="${counts.join(", ")}"
			style="vertical-align: middle">${bars.join("")}</svg>`;
	}
})();
