// For System Managers: what this version of Frappe lacks that the app relies on, and what is refused because of it.

$(document).on("app_ready", () => {
	const sentences = frappe.boot.crm_transparency_missing_patches || [];
	if (!sentences.length) return;
	const $banner = $('<div class="missing-patches alert alert-warning mb-0" role="alert"></div>');
	for (const sentence of sentences) $banner.append($("<p class='mb-0'>").text(sentence));
	$banner.prependTo("body");
});
