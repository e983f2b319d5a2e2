crm_transparency.offboarding.parts.ringer_watch = (step) => {
	step.button(__("Do it"), () => step.do(), true);
};
