"""Runs the app without a bench: the engine, the sites, the demo CRM with its data, the web server."""
