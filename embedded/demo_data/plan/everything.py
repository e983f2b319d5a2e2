from dataclasses import dataclass

from embedded.demo_data.plan.accounts import Accounts
from embedded.demo_data.plan.changes import Changes
from embedded.demo_data.plan.conversations import Conversations
from embedded.demo_data.plan.sales import Sales
from embedded.demo_data.plan.source import SEED, Source


@dataclass
class Plan:
	accounts: Accounts
	changes: Changes
	sales: Sales
	conversations: Conversations
	source: Source


def make(seed: int = SEED) -> Plan:
	"""Plan the whole demo company. The same seed gives the same plan, with days counted back from today."""
	source = Source(seed)
	accounts = Accounts(source)
	changes = Changes(source, accounts)
	return Plan(
		accounts, changes, Sales(source, accounts, changes.changes), Conversations(source, accounts), source
	)
