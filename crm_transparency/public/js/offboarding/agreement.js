// Step 1: is a confidentiality agreement on file?

crm_transparency.offboarding.parts.agreement = (step) => {
	const { escape, day, table, note } = crm_transparency.offboarding;
	const { sentence, on_file, types } = step.known;
	step.add(note(sentence, on_file.length ? "green" : "orange"));
	if (on_file.length)
		step.add(
			table(
				[__("What"), __("Version"), __("Agreed on"), __("How"), __("Document")],
				on_file.map(({ what, version, agreed_on, way, evidence }) => [
					escape(what),
					escape(version),
					escape(day(agreed_on)),
					escape(way),
					crm_transparency.offboarding.file_link(evidence),
				])
			)
		);
	step.button(__("Record existing agreement"), () => step.run(), true);
	step.button(__("Upload signed agreement"), () =>
		step.upload((file) =>
			step.ask(
				__("Signed agreement"),
				[
					{
						fieldname: "policy_type",
						label: __("Type"),
						fieldtype: "Select",
						options: types,
						default: types[1].value,
						reqd: 1,
					},
					{
						fieldname: "signed_on",
						label: __("Signed on"),
						fieldtype: "Date",
						reqd: 1,
					},
					{ fieldname: "version", label: __("Version (optional)"), fieldtype: "Data" },
				],
				__("Save"),
				{ file }
			)
		)
	);
};
