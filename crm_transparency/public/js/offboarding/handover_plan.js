crm_transparency.offboarding.parts.handover_plan = (step) => {
	step.button(__("Do it"), () => step.do(), true);
};
