"""The demo company: a small magazine publisher, and the loader for a customer list of one's own."""
