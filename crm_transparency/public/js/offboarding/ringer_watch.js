// Step 8: sightings are compared with this person first. Nobody who runs offboardings sees a ringer.

crm_transparency.offboarding.parts.ringer_watch = (step) => {
	const { facts, day } = crm_transparency.offboarding;
	const { months, until, leaving_for } = step.known;
	step.add(
		`<p>${__(
			"When one of the company's decoy contacts is written to or called, the people who look after them compare this person first, for {0} months. You see no decoys here.",
			[months]
		)}</p>`
	);
	step.add(
		facts([
			[__("Until"), day(until)],
			[__("Leaving for"), leaving_for],
		])
	);
	step.button(
		__("Compare this person first"),
		() =>
			step.ask(
				__("Ringer watch"),
				[
					{
						fieldname: "new_employer",
						label: __("New employer, if told"),
						fieldtype: "Data",
						default: leaving_for,
						description: __("A web address or mail domain helps to recognise it."),
					},
				],
				__("Compare this person first")
			),
		true
	);
};
