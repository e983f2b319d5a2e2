crm_transparency.offboarding.parts.ending = (step) => {
	step.button(__("Do it"), () => step.do(), true);
};
