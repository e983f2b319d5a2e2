"""Open by default: which DocTypes everybody may read, who can see what and why, and reviews of roles.

Public modules:
open_doctypes       which DocTypes can be opened, and which are open
openness_changes    opening DocTypes, undoing it, and putting permissions back at uninstall
visibility          how many documents each person can read
access_guard        the nightly check for access regressions
openness_figures    the company's openness, counted once a day
"""
