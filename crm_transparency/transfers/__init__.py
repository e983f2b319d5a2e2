"""Account transfers: many accounts change hands in one go, without losing one.

A transfer is planned first (`transfer_planning`: who gets which account, written down item by item), looked at, and then
worked off chunk by chunk in the background (`transfer_job`, `account_moves`), each chunk one transaction. What happened can
be undone the same way.

Public modules: `transfer_actions` (what people do with a transfer), `transfer_progress` (how far it is), `chosen_accounts`
(which accounts a filter or a list names), `transfer_successors` (who can get them), `transfer_constants`.
"""
