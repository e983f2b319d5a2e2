"""Whom does a sender resemble?"""

import pytest

from crm_transparency.ringers import senders
from crm_transparency.ringers.senders import Person, Sender

ADA = Person(
	key="ada@ours.example",
	name="Ada Byron",
	user="ada@ours.example",
	emails=frozenset({"ada.byron@gmail.com"}),
	phones=frozenset({"+447700900123"}),
	employers=("Rival Books Ltd", "www.rival-group.co.uk"),
)


def kinds(**sender) -> set[str]:
	return {tie.kind for tie in senders.ties(Sender(**sender), ADA)}


@pytest.mark.parametrize(
	("sender", "expected"),
	[
		({"address": "Ada.Byron@gmail.com"}, {"address", "name"}),
		({"phone": "+447700900123"}, {"phone"}),
		({"address": "news@mail.rival-group.co.uk"}, {"company domain"}),
		({"address": "sales@rivalbooks.example"}, {"company name"}),
		({"address": "sales@rival-books.example"}, {"company name"}),
		({"name": "Rival Books"}, {"company name"}),
		({"address": "x@elsewhere.example", "name": "Byron, Ada"}, {"name"}),
		({"address": "ada.byron@elsewhere.example"}, {"name"}),
		({"name": "Ada Bryon"}, {"name"}),
		({"text": "Dear reader,\nyour contact is Ada Byron.\nBye"}, {"name in text"}),
		({"address": "sales@elsewhere.example", "name": "Somebody Else"}, set()),
		({"address": "anyone@gmail.com"}, set()),
	],
)
def test_what_sender_and_leaver_have_in_common(sender, expected):
	assert kinds(**sender) == expected


@pytest.mark.parametrize(
	("domain", "expected"),
	[
		("shop.rival.co.uk", "rival.co.uk"),
		("rival.de", "rival.de"),
		("gmail.com", None),
		("", None),
		(None, None),
		("not a domain", None),
	],
)
def test_the_domain_that_a_company_registered(domain, expected):
	assert senders.registrable_domain(domain) == expected


def test_a_free_mailbox_is_no_employer():
	left_for_gmail = ADA.__class__(key="x", name="Xenia Yard", employers=("gmail.com",))
	assert not senders.ties(Sender(address="news@gmail.com"), left_for_gmail)
