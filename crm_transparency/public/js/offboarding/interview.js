crm_transparency.offboarding.parts.interview = (step) => {
	step.button(__("Do it"), () => step.do(), true);
};
