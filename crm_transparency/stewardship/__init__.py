"""Policies, what people acknowledged of them, and in which words. Other rooms call `policies`."""
