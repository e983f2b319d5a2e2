crm_transparency.offboarding.parts.agreement = (step) => {
	step.button(__("Do it"), () => step.do(), true);
};
