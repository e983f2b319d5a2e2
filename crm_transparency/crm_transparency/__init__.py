"""The base room: what all rooms share, and nothing about one of them.

- `registry`: which DocTypes are tracked, and what is made of the settings
- `permissions`, `own_doctypes`: who reads the app's documents, and which DocTypes these are
- `hidden`, `effective_permissions`: what restrictions hide from a reader, and what somebody may see at all
- `staff`, `employees`, `user_search`: who is acting, managers, colleagues, what the personnel records say, finding people
- `activity`: what people did
- `jobs`: background jobs on a document; `database`: many rows at once, and savepoints
- `mail`, `formatting`, `report_parts`, `period`: what readers get to see
- `encryption`: texts that are stored encrypted, and secrets in addresses
- `patching`: functions of Frappe that are replaced; `requested`: what the running request asks for, and its arguments
"""
