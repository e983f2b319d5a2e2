"""The model's promises, on random data: more evidence never lowers a place, and what lacks a ringer never explains it."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_transparency.ringers import scoring
from crm_transparency.ringers.scoring import Held, Maker, Sighted, Tie

START = datetime(2026, 1, 1)
RINGERS = [f"ringer {number}" for number in range(6)]
USERS = [f"user {number}" for number in range(4)]

moments = st.integers(0, 900).map(lambda days: START + timedelta(days=days))
made = st.builds(
	dict,
	user=st.sampled_from(USERS),
	made_on=moments,
	rows=st.integers(1, 100_000),
	has_addresses=st.booleans(),
	ringers=st.sets(st.sampled_from(RINGERS)),
)
ties = st.lists(
	st.builds(
		lambda kind, weight: Tie(kind, weight, ("a", "b")),
		st.sampled_from(["name", "address"]),
		st.floats(0.1, 4),
	),
	max_size=3,
)
makers = st.dictionaries(
	st.sampled_from(USERS),
	st.builds(lambda left, watched, tied: Maker(left, watched, tuple(tied)), moments, st.booleans(), ties),
)
sightings = st.lists(st.builds(Sighted, st.sampled_from(RINGERS), moments), min_size=1, max_size=6)
worlds = st.tuples(st.lists(made, min_size=1, max_size=12), makers, sightings)


def world(exports: list[dict]) -> tuple[dict[str, Held], dict[str, set[str]]]:
	held, holdings = {}, {}
	for number, export in enumerate(exports):
		name = f"export {number:02}"
		held[name] = Held(name, (export["user"],), export["made_on"], export["rows"], export["has_addresses"])
		holdings[name] = export["ringers"]
	return held, holdings


def places(ranking: scoring.Ranking) -> dict[str, int]:
	return {explanation.held.name: place for place, explanation in enumerate(ranking.explanations)}


@given(worlds)
def test_an_export_explains_only_ringers_that_it_held_before_they_rang(some):
	exports, known, seen = some
	held, holdings = world(exports)
	first = scoring.first_sightings(seen)
	for explanation in scoring.rank(seen, held, holdings, known).explanations:
		for ringer in explanation.explains:
			assert ringer in holdings[explanation.held.name]
			assert explanation.held.made_on <= first[ringer]


@given(worlds, st.data())
def test_another_sighting_of_a_ringer_that_an_export_held_never_lowers_its_place(some, data):
	exports, known, seen = some
	held, holdings = world(exports)
	before = places(scoring.rank(seen, held, holdings, known))
	for name in before:
		rung = {sighted.ringer for sighted in seen}
		silent = [ringer for ringer in RINGERS if ringer in holdings[name] and ringer not in rung]
		if not silent:
			continue
		when = data.draw(st.integers(0, 900)) + (held[name].made_on - START).days
		further = Sighted(data.draw(st.sampled_from(silent)), START + timedelta(days=when))
		after = places(scoring.rank([*seen, further], held, holdings, known))
		assert after[name] <= before[name]


@given(worlds, ties)
def test_another_link_between_sender_and_maker_never_lowers_a_place(some, further):
	exports, known, seen = some
	held, holdings = world(exports)
	before = places(scoring.rank(seen, held, holdings, known))
	for name in before:
		(user,) = held[name].users
		maker = known.get(user, Maker())
		linked = {**known, user: maker._replace(ties=(*maker.ties, *further))}
		assert places(scoring.rank(seen, held, holdings, linked))[name] <= before[name]


@given(worlds, st.randoms())
def test_the_order_of_sightings_makes_no_difference(some, random):
	exports, known, seen = some
	held, holdings = world(exports)
	shuffled = list(seen)
	random.shuffle(shuffled)
	assert places(scoring.rank(seen, held, holdings, known)) == places(
		scoring.rank(shuffled, held, holdings, known)
	)


@given(worlds)
def test_shares_leave_room_for_what_is_not_recorded(some):
	exports, known, seen = some
	held, holdings = world(exports)
	shares = [explanation.share for explanation in scoring.rank(seen, held, holdings, known).explanations]
	assert 0 <= sum(shares) < 1


def test_several_ringers_narrow_it_to_the_exports_that_held_all_of_them():
	held, holdings = world(
		[
			{
				"user": "user 0",
				"made_on": START,
				"rows": 100,
				"has_addresses": True,
				"ringers": set(RINGERS[:2]),
			},
			{"user": "user 1", "made_on": START, "rows": 10, "has_addresses": True, "ringers": {RINGERS[0]}},
		]
	)
	later = START + timedelta(days=9)
	ranking = scoring.rank([Sighted(ringer, later) for ringer in RINGERS[:2]], held, holdings, {})
	assert [explanation.held.name for explanation in ranking.complete] == ["export 00"]


def test_an_export_made_after_the_sighting_does_not_explain_it():
	held, holdings = world(
		[{"user": "user 0", "made_on": START, "rows": 1, "has_addresses": True, "ringers": {RINGERS[0]}}]
	)
	ranking = scoring.rank([Sighted(RINGERS[0], START - timedelta(seconds=1))], held, holdings, {})
	assert not ranking.explanations
