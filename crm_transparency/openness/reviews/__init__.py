"""The door to reviews of roles: four questions, answered and signed by somebody of the business, and never changed again.

signing.sign(review)     sign one, in the place of the version before
lacking.roles()          which roles have no current review
"""
