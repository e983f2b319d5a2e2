"""A small stand-in for ERPNext's CRM, so that CRM Transparency runs where ERPNext isn't.

It has the DocTypes that CRM Transparency touches, under ERPNext's names, with ERPNext's field names, field
types, naming and role permissions. It imitates nothing else of ERPNext's behavior.
"""

__version__ = "0.1.0"
