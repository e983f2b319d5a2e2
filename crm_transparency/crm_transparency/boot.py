import frappe

from crm_transparency.crm_transparency import registry


def tell_the_desk_what_is_tracked(bootinfo: frappe._dict) -> None:
	"""Put into the Desk's boot info what its scripts need: where the strip belongs, how long a pattern's period is."""
	bootinfo.crm_transparency = {
		"tracked_doctypes": registry.tracked_doctypes(),
		"pattern_days": frappe.db.get_single_value(registry.SETTINGS, "pattern_days"),
	}
