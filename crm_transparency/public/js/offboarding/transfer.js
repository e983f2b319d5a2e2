crm_transparency.offboarding.parts.transfer = (step) => {
	step.button(__("Do it"), () => step.do(), true);
};
