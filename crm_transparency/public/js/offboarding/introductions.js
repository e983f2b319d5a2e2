crm_transparency.offboarding.parts.introductions = (step) => {
	step.button(__("Do it"), () => step.do(), true);
};
