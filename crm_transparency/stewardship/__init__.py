"""Policies, and who acknowledged which version of them. Other rooms call `policies`."""
