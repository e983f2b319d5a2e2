"""What people write. `{first}` is the contact, `{rep}` the colleague, `{company}` the customer."""

OUT, IN = "out", "in"

ADVERTISER_THREADS = [
	(
		"Your advert in the {month} issue of {magazine}",
		[
			(
				OUT,
				"Dear {first},\n\n"
				"the {month} issue of {magazine} closes in two weeks. Shall we keep your {form} where it "
				"was?",
			),
			(
				IN,
				"Hello {rep},\n\n"
				"yes please, the same place. Could the picture be brighter this time? Last time the boats "
				"looked grey.",
			),
			(OUT, "Of course. I've asked our studio for a proof, you'll have it on Thursday."),
		],
	),
	(
		"Media pack for next year",
		[
			(
				OUT,
				"Dear {first},\n\nhere is what we're planning for next year in {magazine}, with the prices.",
			),
			(
				IN,
				"Thanks {rep}. We decide about next year's budget in October, after the season. Please "
				"call me then, not before.",
			),
		],
	),
	(
		"Response to the {month} advert",
		[
			(
				IN,
				"Hi {rep},\n\n"
				"we counted: eleven people mentioned the {form} in {magazine}. That's more than from the "
				"local paper.",
			),
			(OUT, "That's good to hear, {first}! May I quote you in our media pack?"),
			(IN, "You may, but please without the number."),
		],
	),
	(
		"New opening",
		[
			(
				IN,
				"Dear {rep},\n\n"
				"we're opening a second shop in spring and want to be seen. What could you do for us in "
				"{magazine}?",
			),
			(
				OUT,
				"Congratulations, {first}! I'd suggest a {form} for three issues, and a piece in the news "
				"pages. Can we meet?",
			),
			(IN, "Tuesday at ten works, at our place. Park behind the building."),
		],
	),
	(
		"Invoice for {month}",
		[
			(
				IN,
				"Hello,\n\n"
				"the invoice for {month} still has our old address on it. Accounts won't pay it like that.",
			),
			(OUT, "Sorry about that, {first}. A corrected one is on its way to you today."),
		],
	),
	(
		"Artwork for the {form}",
		[
			(
				OUT,
				"Dear {first},\n\n"
				"we still need your artwork for the {form} in {magazine}, by Friday if you can.",
			),
			(IN, "It's with our designer. You'll have it on Thursday, promise."),
			(IN, "Here it is. Sorry for the wait, our designer was ill."),
			(OUT, "Perfect, thank you. It looks lovely."),
		],
	),
	(
		"A question about prices",
		[
			(
				IN,
				"Dear {rep},\n\n"
				"Harrow & Lane offered us a page for a third less. I'd rather stay with you, but I have to "
				"explain it here.",
			),
			(
				OUT,
				"Dear {first},\n\n"
				"thank you for telling me. Let me come back to you tomorrow with what we can do for a "
				"year's booking.",
			),
			(IN, "Please do. We like {magazine}, our customers read it."),
		],
	),
	(
		"Lunch at the show",
		[
			(
				OUT,
				"Dear {first},\n\n"
				"will you be at the show in {month}? We have a stand by the east door and would love to "
				"give you lunch.",
			),
			(IN, "We'll be there Friday and Saturday. Bring last year's issue with our piece in it!"),
		],
	),
	(
		"Change of person",
		[
			(
				IN,
				"Hello {rep},\n\n"
				"I'm moving to our other branch next month. I'll tell my successor how well this has "
				"worked.",
			),
			(OUT, "We'll miss you, {first}! May I come by and meet your successor before you go?"),
		],
	),
]

SUBSCRIBER_THREADS = [
	(
		"Your subscription to {magazine}",
		[
			(IN, "Hello,\n\nthe {month} issue of {magazine} never came. Could you send another one?"),
			(OUT, "Dear {first},\n\nwe're sorry! A new copy went into the post this morning."),
			(IN, "It came today, thank you."),
		],
	),
	(
		"Renewing {magazine}",
		[
			(
				OUT,
				"Dear {first},\n\n"
				"your subscription to {magazine} ends with the {month} issue. Would you like another year?",
			),
			(IN, "Yes, we would. Our visitors ask for it when it isn't lying there."),
		],
	),
	(
		"More copies",
		[
			(
				IN,
				"Hello,\n\n"
				"could we have ten copies instead of five of {magazine} from {month}? We have a second "
				"waiting room now.",
			),
			(OUT, "Gladly, {first}. I've changed it, and the price for ten is a little better too."),
		],
	),
]

LEAD_THREADS = [
	(
		"Your question about {magazine}",
		[
			(
				OUT,
				"Dear {first},\n\n"
				"thank you for your interest in {magazine}. Our prices and dates are attached. May I call "
				"you this week?",
			),
			(IN, "Thanks. Thursday afternoon is best, mornings we're in the yard."),
		],
	),
	(
		"Good to meet you",
		[
			(
				OUT,
				"Dear {first},\n\n"
				"it was good to meet you at the show. As promised, here are three adverts from businesses "
				"like {company}.",
			),
		],
	),
	(
		"Advertising in {magazine}",
		[
			(IN, "Hello,\n\nwhat does a {form} cost in {magazine}, and by when do you need the artwork?"),
			(
				OUT,
				"Dear {first},\n\n"
				"thank you for asking! I've put together an offer for {company}, with the dates.",
			),
			(IN, "That's more than we thought. I'll talk to my partner."),
		],
	),
]

CUSTOMER_NOTES = [
	"Wants to talk about next year only after the season, in October. Don't press before.",
	"Is unhappy with how dark the pictures came out in the last issue. Promised a proof next time.",
	"Thinking about moving half of the budget to online. Interested in the newsletter banner.",
	"Harrow & Lane made them an offer a third below ours. Stays with us if we include a news piece.",
	"Opening a second place in spring and needs to be seen there.",
	"The daughter takes over the business next year. She decides about advertising already.",
	"Says that readers bring the page along to the shop. Very happy with the right-hand position.",
	"Asked whether we could do a guide for the region. Would take the back cover of it.",
	"Pays late when the invoice goes to the shop. Send it to the accountant.",
	"Does not want to be next to a competitor on the same page. Tell the studio.",
	"Knows the harbour master well, and offered to introduce us.",
	"Plans a big anniversary in summer: 50 years. Wants ideas from us by March.",
	"Felt that nobody called back after the show. I apologised and rang the same day.",
	"Would subscribe for all branches if there was one invoice for all of them.",
]

PIPELINE_NOTES = [
	"Decides together with a partner who hasn't seen our magazine yet. Sent two copies.",
	"Has a budget, but from April only.",
	"Needs to see what others like them paid and got.",
	"Wants a short contract first, three issues.",
	"Prefers a picture story to an advert. Talk to Oliver in the editorial office.",
	"Asked for a date to look at proofs together.",
]

CALL_SUMMARIES = [
	"Asked when the artwork is due.",
	"Wants to be called back about the next issue.",
	"Talked about the booking for spring.",
	"Complained about a late copy, sent a new one.",
	"Said thank you for the piece in the last issue.",
]

ISSUES = [
	(
		"Advert artwork",
		"Colours of the advert are wrong in {magazine}",
		"The blue of our logo came out purple in the {month} issue.",
	),
	(
		"Delivery of copies",
		"Copies of {magazine} didn't arrive",
		"We usually have the copies by the 5th. Nothing has come for {month}.",
	),
	(
		"Invoice",
		"Invoice shows the wrong address",
		"Please send the {month} invoice again, to our new address.",
	),
	(
		"Subscription change",
		"Please change our number of copies",
		"From {month} we need ten copies of {magazine} instead of five.",
	),
]

ISSUE_ANSWER = "Spoke to the customer and put it right the same day."
