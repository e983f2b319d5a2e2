"""Links in mails lead to the site, in the plain text, too."""

import pytest
from frappe.core.utils import html2text
from frappe.utils import get_url

from crm_transparency.crm_transparency.mail import with_links


@pytest.mark.parametrize(
	("message", "text"),
	[
		('<p><a href="/app/lead/L-1">Open it</a>.</p>', "[Open it]({site}/app/lead/L-1)."),
		("<p>See {site}/app/lead/L-1.</p>", "See <{site}/app/lead/L-1>."),
		("Ask for it ({site}/app/lead), please", "Ask for it (<{site}/app/lead>), please"),
		('<a href="{site}/app/lead">{site}/app/lead</a>.', "<{site}/app/lead>."),
		('<img src="{site}/files/a.png">Hello.', "Hello."),
	],
)
def test_links_are_whole_and_end_before_the_full_stop(message, text):
	shown = html2text(with_links(message.replace("{site}", get_url())), wrap=False)
	assert shown.strip().endswith(text.replace("{site}", get_url()))
