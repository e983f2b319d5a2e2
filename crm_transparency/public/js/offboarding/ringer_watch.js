// Step 8: sightings are compared with this person first. Nobody who runs offboardings sees a ringer.

crm_transparency.offboarding.parts.ringer_watch = (step) => {
	const { facts, day } = crm_transparency.offboarding;
	const { months, until, leaving_for } = step.known;
	step.add(
		`<p>${__(
			"For {0} months, when one of the company's decoy contacts is contacted, Ringer Managers compare it with this person first. Decoys aren't shown here.",
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
		__("Start ringer watch"),
		() =>
			step.ask(
				__("Ringer watch"),
				[
					{
						fieldname: "new_employer",
						label: __("New employer, if known"),
						fieldtype: "Data",
						default: leaving_for,
						description: __("A website or email domain helps to recognize it."),
					},
				],
				__("Start ringer watch")
			),
		true
	);
};
