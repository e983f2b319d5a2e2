// What leavers said in their exit interviews, without names.

frappe.query_reports["Why People Leave"] = { filters: [] };
