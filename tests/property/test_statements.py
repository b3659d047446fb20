"""Statements decided in any order of arrival come to the same last run, and repetitions publish nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bus.statements import State, decide, last_run

History = dict[str, dict[str, State]]

observed = st.integers(0, 9).map(lambda day: f"2025-10-{day:02}")
content = st.sampled_from("ABC")
commands = st.lists(st.lists(st.tuples(observed, content), min_size=1, max_size=8), min_size=1, max_size=8)


def settle(history: History, command: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """One command, as the store does it: add what is new, judge it with its neighbours; return what is published."""
    new = [(day, said) for day, said in command if said not in history.get(day, {})]
    if not new:
        return []
    for day, said in new:
        history.setdefault(day, {}).setdefault(said, State.NEW)
    days = sorted(history)
    first, last = days.index(min(new)[0]), days.index(max(new)[0])
    window = days[max(first - 1, 0) : last + 2]
    changes = decide([(day, dict(history[day])) for day in window], first_is_context=first > 0)
    for day, said, state in changes:
        history[day][said] = state
    return [(day, said) for day, said, state in changes if state is State.PUBLISHED]


def pairs(history: History, state: State | None = None) -> list[tuple[str, str]]:
    return [
        (day, said) for day in sorted(history) for said in history[day] if state is None or history[day][said] is state
    ]


@given(commands)
def test_the_published_statements_have_the_last_run_of_all(given_commands):
    history: History = {}
    for command in given_commands:
        settle(history, command)
    assert last_run(pairs(history, State.PUBLISHED)) == last_run(pairs(history))


@given(commands, st.randoms(use_true_random=False))
def test_arrival_never_counts(given_commands, rng):
    rows = [row for command in given_commands for row in command]
    together: History = {}
    settle(together, rows)
    rng.shuffle(rows)
    one_by_one: History = {}
    for row in rows + rows[: len(rows) // 2]:
        settle(one_by_one, [row])
    assert last_run(pairs(one_by_one, State.PUBLISHED)) == last_run(pairs(together, State.PUBLISHED))
    assert set(pairs(together, State.PUBLISHED)) <= set(pairs(one_by_one, State.PUBLISHED))


@given(commands)
def test_every_content_is_decided_and_published_never_taken_back(given_commands):
    history: History = {}
    published: set[tuple[str, str]] = set()
    for command in given_commands:
        news = settle(history, command)
        assert not published & set(news), "published twice"
        published |= set(news)
        assert set(pairs(history, State.PUBLISHED)) == published
        assert not pairs(history, State.NEW)


@given(st.lists(st.sets(content, min_size=1), min_size=1, max_size=10))
def test_read_in_order_only_changes_are_published(statements):
    history: History = {}
    for day, said in enumerate(statements):
        news = settle(history, [(f"2025-10-{day:02}", one) for one in said])
        changed = day == 0 or said != statements[day - 1]
        assert {one for _, one in news} == (said if changed else set())


@given(commands)
def test_giving_everything_again_publishes_nothing(given_commands):
    history: History = {}
    for command in given_commands:
        settle(history, command)
    assert [settle(history, command) for command in given_commands] == [[] for _ in given_commands]
