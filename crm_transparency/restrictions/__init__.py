"""Restrictions: the few registered exceptions to openness, and what they hide from whom.

Public modules, for other rooms:

register          which restrictions are active, for whom
records           which documents they hide: the SQL condition of lists, and the check of one document
filters           record filters: as SQL, and in words
business_owners   who drafts and who decides
role_review       the questions of the role review
"""

from crm_transparency.restrictions.records import condition, hiding
from crm_transparency.restrictions.register import Restriction, in_force

__all__ = ["Restriction", "condition", "hiding", "in_force"]
