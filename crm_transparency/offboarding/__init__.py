"""The offboarding wizard: its steps, the handover of a leaver's accounts and belongings, and the removal of access.

No other room imports this one: it has no public modules. A step of the wizard is a file (`agreement_step` to
`farewell_step`); `steps` declares their order and labels, `step_flows` lists them, `wizard_api` and `handover_api` are the
endpoints of the pages.
"""
