// The box for comments, for those who may read a document and not write it. ERPNext hides it on leads, opportunities and
// prospects, where notes take its place, which only those who may write can add.

$(document).on("form-refresh", (_event, frm) => {
	$(frm.wrapper).toggleClass("openness-comments-only", !frm.is_new() && !frm.has_perm("write"));
});
