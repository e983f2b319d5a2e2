"""The door to restrictions: the few registered exceptions to openness, and what they hide from whom.

in_force(user, doctype)       which restrictions hold for a person
condition(user, doctype)      the SQL condition that a person's lists of a DocType get
hiding(user, doctype, name)   which restriction hides this one document from a person
"""

from crm_transparency.restrictions.records import condition, hiding
from crm_transparency.restrictions.register import Restriction, in_force

__all__ = ["Restriction", "condition", "hiding", "in_force"]
