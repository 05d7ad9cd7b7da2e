"""When a household may be contacted, and what is owed it by when; without a database."""

import datetime as dt
from collections.abc import Sequence

import pytest

from app.objections import deadlines, peace
from app.objections.deadlines import Duty, Stage, Standing
from app.objections.errors import (
    ChannelNeeded,
    ContactRefused,
    CoolOff,
    MeetingOutOfReach,
    MeetingPlanned,
    MeetingTimeNeeded,
    NothingToRespond,
    OutOfPlaceInEntry,
    PeaceBroken,
    QuietHours,
    TooManyContacts,
)
from app.objections.rules import EntryKind, ObjectionState, Said, check_entry
from tests.objection_story import DAY, FILED

HOUR = dt.timedelta(hours=1)
#: Nine hours after 11:00 in Beijing.
EVENING = FILED + 4 * DAY + 9 * HOUR
K = EntryKind


def said(*entries: tuple[EntryKind, dt.timedelta]) -> list[Said]:
    by_household = {K.ANSWER, K.NO_CONTACT, K.REFUSAL, K.MAINTAINED, K.COMPLAINT}
    return [Said(kind, kind in by_household, FILED + after) for kind, after in entries]


def check(now: dt.datetime, entries: Sequence[Said] = ()) -> None:
    peace.check_contact(filed_at=FILED, said=entries, now=now)


class TestContacts:
    @pytest.mark.parametrize(
        ("after", "error"),
        [
            (3 * DAY - dt.timedelta(seconds=1), CoolOff), (4 * DAY + 9 * HOUR, QuietHours),  # 20:00
            (4 * DAY + 12 * HOUR, QuietHours), (4 * DAY + 21 * HOUR - dt.timedelta(seconds=1), QuietHours),  # 7:59:59
        ],
    )  # fmt: skip
    def test_time_to_think_and_nights(self, after: dt.timedelta, error: type[PeaceBroken]) -> None:
        with pytest.raises(error):
            check(FILED + after)

    @pytest.mark.parametrize(
        "after", [3 * DAY, 4 * DAY + 9 * HOUR - dt.timedelta(seconds=1), 3 * DAY + 21 * HOUR]
    )
    def test_by_day_it_may_be(self, after: dt.timedelta) -> None:
        check(FILED + after)

    def test_calls_meetings_and_offers_count_together(self) -> None:
        two = said((K.CONTACT, 4 * DAY), (K.OFFER, 5 * DAY), (K.RESPONSE, 6 * DAY), (K.NOTE, 6 * DAY))
        check(FILED + 5 * DAY, two[:1])
        with pytest.raises(TooManyContacts) as caught:
            check(FILED + 6 * DAY, two)
        assert caught.value.facts["until"] == (FILED + 18 * DAY).isoformat()
        check(FILED + 18 * DAY, two)

    def test_no_means_no_until_the_household_writes(self) -> None:
        no = said((K.ANSWER, 4 * DAY), (K.NO_CONTACT, 5 * DAY))
        for now in (6 * DAY, 300 * DAY):
            with pytest.raises(ContactRefused):
                check(FILED + now, no)
        with pytest.raises(ContactRefused):  # keeping the objection is no invitation
            check(FILED + 9 * DAY, [*no, *said((K.MAINTAINED, 8 * DAY))])
        check(FILED + 9 * DAY, [*no, *said((K.ANSWER, 8 * DAY))])


def opens(hindered_by: str | None, at: dt.datetime | None, left: int) -> peace.Opening:
    return peace.Opening(hindered_by is None, hindered_by, at, left)


class TestOpening:
    def test_says_from_when_on_a_contact_is_possible(self) -> None:
        def opening(after: dt.timedelta, entries: Sequence[Said] = ()) -> peace.Opening:
            return peace.opening(filed_at=FILED, said=entries, now=FILED + after)

        assert opening(4 * DAY) == opens(None, FILED + 4 * DAY, 2)
        assert opening(HOUR) == opens("cool_off", FILED + 3 * DAY, 2)
        # from 20:00 on, and before 8:00, the next morning at eight
        morning = FILED + 4 * DAY + 21 * HOUR
        for after in (4 * DAY + 9 * HOUR, 4 * DAY + 20 * HOUR):
            assert opening(after) == opens("quiet_hours", morning, 2)
        two = said((K.CONTACT, 4 * DAY), (K.SESSION, 5 * DAY))
        assert opening(6 * DAY, two) == opens("too_many_contacts", FILED + 18 * DAY, 0)
        no = said((K.NO_CONTACT, 4 * DAY))
        assert opening(6 * DAY, no) == opens("contact_refused", None, 2)

    def test_what_it_promises_is_kept(self) -> None:
        """Whatever hour one looks at it, a contact at the promised moment is not refused."""
        two = said((K.CONTACT, 4 * DAY + 8 * HOUR), (K.CONTACT, 5 * DAY + 8 * HOUR))
        for entries in ([], two):
            for hours in range(0, 24 * 20, 5):
                found = peace.opening(filed_at=FILED, said=entries, now=FILED + hours * HOUR)
                assert found.possible_from is not None
                check(found.possible_from, entries)


class TestMeetings:
    def plan(self, meets: dt.timedelta, entries: Sequence[Said] = (), now: dt.timedelta = DAY) -> None:
        peace.check_meeting(FILED + meets, filed_at=FILED, said=entries, now=FILED + now)

    def test_are_planned_for_when_a_contact_may_be(self) -> None:
        self.plan(5 * DAY)
        for meets, error in ((2 * DAY, CoolOff), (5 * DAY + 9 * HOUR, QuietHours), (DAY, MeetingOutOfReach),
                             (62 * DAY, MeetingOutOfReach)):  # fmt: skip
            with pytest.raises(error):
                self.plan(meets)
        with pytest.raises(QuietHours):  # nor is it announced at night
            self.plan(8 * DAY, now=4 * DAY + 9 * HOUR)
        with pytest.raises(ContactRefused):
            self.plan(8 * DAY, said((K.NO_CONTACT, 0 * DAY)))

    def test_one_at_a_time(self) -> None:
        planned = [Said(K.PLAN, by_objector=False, at=FILED + DAY, meets_at=FILED + 6 * DAY)]
        with pytest.raises(MeetingPlanned):
            self.plan(7 * DAY, planned)
        self.plan(8 * DAY, planned, now=6 * DAY)
        assert peace.planned_meeting(planned, FILED + 5 * DAY) == FILED + 6 * DAY
        assert peace.planned_meeting(planned, FILED + 6 * DAY) is None


class TestResponses:
    def test_once_to_what_the_household_wrote(self) -> None:
        wrote = said((K.CONTACT, 4 * DAY), (K.ANSWER, 5 * DAY), (K.ANSWER, 6 * DAY))
        peace.check_response(said=wrote, now=FILED + 7 * DAY)
        assert peace.unanswered_since(wrote) == FILED + 5 * DAY
        for entries in (wrote[:1], [*wrote, *said((K.RESPONSE, 7 * DAY))]):
            with pytest.raises(NothingToRespond):
                peace.check_response(said=entries, now=FILED + 7 * DAY)
        with pytest.raises(QuietHours):
            peace.check_response(said=wrote, now=FILED + 6 * DAY + 9 * HOUR)


class TestEntries:
    def test_say_what_their_kind_says(self) -> None:
        check_entry(K.CONTACT, channel=True, meets_at=False, costs=False)
        check_entry(K.PLAN, channel=False, meets_at=True, costs=False)
        check_entry(K.OFFER, channel=False, meets_at=False, costs=True)
        with pytest.raises(ChannelNeeded):
            check_entry(K.CONTACT, channel=False, meets_at=False, costs=False)
        with pytest.raises(MeetingTimeNeeded):
            check_entry(K.PLAN, channel=False, meets_at=False, costs=False)
        for field in ("channel", "meets_at", "costs"):
            given = {"channel": False, "meets_at": False, "costs": False} | {field: True}
            with pytest.raises(OutOfPlaceInEntry):
                check_entry(K.NOTE, **given)


def standing(state: ObjectionState, entries: Sequence[Said] = (), *, seen: bool = True, mediated: bool = True,
             complained: dt.datetime | None = None) -> Standing:  # fmt: skip
    return Standing(state, FILED, FILED + DAY if seen else None, complained, mediated, entries)


FILED_, ASSIGNED, MAINTAINED, SETTLED = (
    ObjectionState.FILED, ObjectionState.ASSIGNED, ObjectionState.MAINTAINED, ObjectionState.SETTLED,
)  # fmt: skip
TOOK = (K.ASSIGNED, 2 * DAY)


class TestDeadlines:
    @pytest.mark.parametrize(
        ("case", "owed"),
        [
            (standing(FILED_, seen=False, mediated=False), [(Duty.ACKNOWLEDGE, 5 * DAY)]),
            (standing(FILED_, mediated=False), [(Duty.ASSIGN, 4 * DAY)]),
            (standing(FILED_, said((K.REFUSAL, 9 * DAY)), mediated=False), [(Duty.ASSIGN, 12 * DAY)]),
            (standing(FILED_, said((K.HANDED_OVER, 8 * DAY)), mediated=False), [(Duty.ASSIGN, 11 * DAY)]),
            (standing(ASSIGNED, said(TOOK)), [(Duty.CONTACT, 10 * DAY)]),
            (standing(ASSIGNED, said((K.ASSIGNED, 9 * DAY))), [(Duty.CONTACT, 16 * DAY)]),
            (standing(ASSIGNED, said(TOOK, (K.CONTACT, 4 * DAY))), []),
            (standing(ASSIGNED, said(TOOK, (K.NO_CONTACT, 3 * DAY))), []),
            (standing(ASSIGNED, said(TOOK, (K.CONTACT, 4 * DAY), (K.ANSWER, 6 * DAY))), [(Duty.ANSWER, 11 * DAY)]),
            (standing(MAINTAINED, mediated=False), []),
            (standing(SETTLED), []),
            (standing(SETTLED, complained=FILED + 3 * DAY), [(Duty.REPLY, 10 * DAY)]),
        ],
    )  # fmt: skip
    def test_what_is_owed_and_by_when(self, case: Standing, owed: list[tuple[Duty, dt.timedelta]]) -> None:
        assert [(each.duty, each.by - FILED) for each in deadlines.dues(case)] == owed

    def test_the_soonest_comes_first(self) -> None:
        case = standing(ASSIGNED, said(TOOK, (K.ANSWER, 3 * DAY)), complained=FILED)
        assert [each.duty for each in deadlines.dues(case)] == [Duty.REPLY, Duty.ANSWER, Duty.CONTACT]

    @pytest.mark.parametrize(
        ("case", "stage"),
        [
            (standing(FILED_, seen=False, mediated=False), Stage.RECEIVED),
            (standing(FILED_, mediated=False), Stage.TO_ASSIGN),
            (standing(ASSIGNED, said(TOOK)), Stage.TO_CONTACT),
            # what an earlier mediator said is not this one's
            (standing(ASSIGNED, said((K.OFFER, DAY), (K.REFUSAL, DAY), TOOK)), Stage.TO_CONTACT),
            (standing(ASSIGNED, said(TOOK, (K.CONTACT, 4 * DAY))), Stage.TALKING),
            (standing(ASSIGNED, said(TOOK, (K.OFFER, 4 * DAY))), Stage.OFFERED),
            (standing(ASSIGNED, said(TOOK, (K.OFFER, 4 * DAY), (K.COMPLAINT, 5 * DAY))), Stage.OFFERED),
            (standing(ASSIGNED, said(TOOK, (K.OFFER, 4 * DAY), (K.ANSWER, 5 * DAY))), Stage.TALKING),
            (standing(MAINTAINED, mediated=False), Stage.KEPT),
            (standing(SETTLED), Stage.ENDED),
        ],
    )  # fmt: skip
    def test_how_far_a_case_is(self, case: Standing, stage: Stage) -> None:
        assert deadlines.stage(case) is stage
