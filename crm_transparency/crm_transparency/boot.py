import frappe

from crm_transparency.crm_transparency import registry


def tell_the_desk_what_is_tracked(bootinfo: frappe._dict) -> None:
	"""Put the tracked DocTypes into the Desk's boot info, so that its forms know where the strip belongs."""
	bootinfo.crm_transparency = {"tracked_doctypes": registry.tracked_doctypes()}
