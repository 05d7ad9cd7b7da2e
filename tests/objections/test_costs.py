"""What an offer makes of cost items, and figures that point at nobody; without a database."""

import datetime as dt
from collections.abc import Sequence

import pytest

from app.objections import costs, statistics
from app.objections.costs import Change, ChangeKind, Item
from app.objections.deadlines import Standing
from app.objections.errors import CostsUnchanged, NoSuchCostItem
from app.objections.rules import EntryKind, ObjectionState, Said
from app.projects.rules import CostKind
from tests.objection_story import DAY, FILED

WORKS = Item(CostKind.WORKS, "施工", 400_000)
LAMPS = Item(CostKind.GOODS, "灯具", 100_000)
SHADES = Item(CostKind.GOODS, "灯罩", 20_000)
CHEAPER = Item(CostKind.WORKS, "施工，移 8 米", 380_000)


class TestPlan:
    def test_added_changed_removed_and_kept(self) -> None:
        changes = costs.plan([WORKS, LAMPS], [(CHEAPER, 1), (SHADES, None)])
        assert [(each.what, each.before, each.after) for each in changes] == [
            (ChangeKind.CHANGED, WORKS, CHEAPER),
            (ChangeKind.ADDED, None, SHADES),
            (ChangeKind.REMOVED, LAMPS, None),
        ]
        kept = costs.plan([WORKS], [(WORKS, 1), (SHADES, None)])
        assert [each.what for each in kept] == [ChangeKind.KEPT, ChangeKind.ADDED]
        assert costs.from_plain(costs.to_plain(changes)) == changes

    @pytest.mark.parametrize("numbers", [(3,), (1, 1), (0,)])
    def test_only_present_items_once(self, numbers: tuple[int, ...]) -> None:
        with pytest.raises(NoSuchCostItem):
            costs.plan([WORKS, LAMPS], [(SHADES, number) for number in numbers])

    def test_several_new_items_are_no_repetition(self) -> None:
        changes = costs.plan([WORKS], [(WORKS, 1), (SHADES, None), (LAMPS, None)])
        assert [each.what for each in changes] == [ChangeKind.KEPT, ChangeKind.ADDED, ChangeKind.ADDED]

    def test_no_change_is_no_change(self) -> None:
        with pytest.raises(CostsUnchanged):
            costs.plan([WORKS, LAMPS], [(LAMPS, 2), (WORKS, 1)])

    def test_what_it_began_from_is_compared_as_a_whole(self) -> None:
        changes = costs.plan([WORKS, LAMPS], [(CHEAPER, 1)])
        assert costs.same_items(changes, [LAMPS, WORKS])
        for present in ([WORKS], [WORKS, LAMPS, LAMPS], [CHEAPER, LAMPS]):
            assert not costs.same_items(changes, present)
        assert costs.same_items([Change(None, SHADES)], [])


def cases(*states: ObjectionState, contacts: tuple[int, ...] = ()) -> list[Standing]:
    def one(state: ObjectionState, said: Sequence[Said] = ()) -> Standing:
        return Standing(
            state, FILED, acknowledged_at=FILED + DAY, escalated_at=None, mediated=True, said=said
        )

    spoken = [[Said(EntryKind.CONTACT, by_objector=False, at=FILED + days * DAY)] for days in contacts]
    return [one(state, said) for state, said in zip(states, [*spoken, *[[]] * len(states)], strict=False)]


NOW = FILED + 60 * DAY
HELD, SETTLED = ObjectionState.ASSIGNED, ObjectionState.SETTLED


class TestFigures:
    def test_are_rounded_and_left_out_where_they_point_at_somebody(self) -> None:
        found = statistics.figures(cases(*[SETTLED] * 7, *[HELD] * 4), households=200, now=NOW)
        assert found.objections == 10
        assert (found.by_state[SETTLED], found.by_state[HELD]) == (5, None)
        # of what is told: seven of eleven would say with 63.6 more than five of ten
        assert found.settled_percent == 50
        assert found.days_to_acknowledge == 1

    def test_say_nothing_of_few(self) -> None:
        for found in (
            statistics.figures(cases(*[SETTLED] * 4), households=200, now=NOW),
            statistics.figures(cases(*[SETTLED] * 50), households=29, now=NOW),
            statistics.figures([], households=0, now=NOW),
        ):
            assert found.objections is None
            assert set(found.by_state.values()) == set(found.by_stage.values()) == {None}
            assert (found.overdue, found.settled_percent, found.days_to_acknowledge) == (None, None, None)

    def test_half_took_no_longer(self) -> None:
        spoken = cases(*[SETTLED] * 10, contacts=(3, 9, 4, 8, 5, 5, 3, 9, 7))
        assert statistics.figures(spoken, households=50, now=NOW).days_to_first_contact == 5
        # of eight the lower median has four on one side, itself counted
        few = cases(*[SETTLED] * 10, contacts=(3, 9, 4, 8, 5, 5, 3, 9))
        assert statistics.figures(few, households=50, now=NOW).days_to_first_contact is None

    def test_what_is_late_is_counted(self) -> None:
        late = statistics.figures(cases(*[HELD] * 5), households=50, now=NOW)
        assert late.overdue == 5
        early = statistics.figures(cases(*[HELD] * 5), households=50, now=FILED + dt.timedelta(days=4))
        assert early.overdue is None
