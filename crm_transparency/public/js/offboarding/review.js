crm_transparency.offboarding.parts.review = (step) => {
	step.button(__("Do it"), () => step.do(), true);
};
