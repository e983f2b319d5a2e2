"""Harbour Press Ltd, the demo company: company.json has its texts, `company.create` writes it into a site."""
