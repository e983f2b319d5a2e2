crm_transparency.offboarding.parts.access = (step) => {
	step.button(__("Do it"), () => step.do(), true);
};
