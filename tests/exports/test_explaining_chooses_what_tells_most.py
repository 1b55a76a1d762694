from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ashiato.exports.explaining.note import MOST_EVENTS, EventNote, choose_events


def _event(number: int, kind: str, shows: str = "output") -> EventNote:
    return EventNote(number, number, shows, "sql", "", "", "", "", None, None, "", None, "", 1.0, "", kind)


EVENTS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=40).map(
    lambda kinds: [_event(number, kind) for number, kind in enumerate(kinds)]
)


def test_rare_kinds_are_shown_beside_frequent_ones() -> None:
    events = [_event(number, "sign-in") for number in range(100)] + [_event(100, "dashboard")]
    shown = choose_events(events)
    assert [(event.kind_of_event, event.alike) for event in shown] == [
        ("sign-in", 100),
        ("sign-in", 100),
        ("dashboard", 1),
    ]


def test_values_are_shown_before_what_only_helped() -> None:
    many = [_event(number, f"kind {number}", "involved") for number in range(30)]
    assert choose_events([*many, _event(30, "kind 30", "seen")])[-1].shows == "seen"


@given(EVENTS)
def test_choice_keeps_time_and_every_kind(events: list[EventNote]) -> None:
    shown = choose_events(events)
    assert len(shown) <= MOST_EVENTS
    assert len(events) > MOST_EVENTS or len(shown) == len(events)
    assert [event.event_id for event in shown] == sorted(event.event_id for event in shown)
    assert {event.kind_of_event for event in shown} == {event.kind_of_event for event in events}
