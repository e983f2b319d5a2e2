"""The door to how simple the rules are: how many there are, which do nothing, and the simplest that would close the same.

assessment.assess()   three numbers for the daily snapshot
assessment.warnings() what is to be said about them
proposal.propose()    the simplest equivalent set, every step of it proven by counting

"Practice the KIS method (Keep It Simple). Many businesses initially create complex security models in their CRM system
that closely resemble their org chart. In reality, however, most security requirements are much simpler." (The third
article in the seeds.)
"""
