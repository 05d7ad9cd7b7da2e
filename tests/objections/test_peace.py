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
    NoMeeting,
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


def planning(at: dt.timedelta, meets: dt.timedelta) -> Said:
    return Said(K.PLAN, by_objector=False, at=FILED + at, meets_at=FILED + meets)


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
        # a meeting that lies ahead takes one
        assert opening(4 * DAY, [planning(4 * DAY, 9 * DAY)]) == opens(None, FILED + 4 * DAY, 1)

    def test_what_it_promises_is_kept(self) -> None:
        """Whatever hour one looks at it, a contact at the promised moment is not refused."""
        two = said((K.CONTACT, 4 * DAY + 8 * HOUR), (K.CONTACT, 5 * DAY + 8 * HOUR))
        for entries in ([], two, [planning(4 * DAY, 15 * DAY), planning(15 * DAY, 19 * DAY)]):
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
        planned = [planning(DAY, 6 * DAY)]
        with pytest.raises(MeetingPlanned):
            self.plan(7 * DAY, planned)
        self.plan(8 * DAY, planned, now=6 * DAY)
        assert peace.planned_meeting(planned, FILED + 5 * DAY) == FILED + 6 * DAY
        assert peace.planned_meeting(planned, FILED + 6 * DAY) is None

    def test_take_a_contact_of_their_day(self) -> None:
        planned = [planning(4 * DAY, 5 * DAY)]
        check(FILED + 4 * DAY, planned)
        called = [*planned, *said((K.CONTACT, 4 * DAY + HOUR))]
        with pytest.raises(TooManyContacts) as caught:
            check(FILED + 4 * DAY + 2 * HOUR, called)
        assert caught.value.facts["until"] == (FILED + 18 * DAY + HOUR).isoformat()
        check(FILED + 18 * DAY + HOUR, called)
        # what lies ahead hinders what comes before it too
        with pytest.raises(TooManyContacts):
            self.plan(10 * DAY, said((K.CONTACT, 4 * DAY), (K.CONTACT, 5 * DAY)), now=6 * DAY)
        self.plan(18 * DAY, said((K.CONTACT, 4 * DAY), (K.CONTACT, 5 * DAY)), now=6 * DAY)

    def test_ten_on_ten_days_do_not_pass(self) -> None:
        entries: list[Said] = []
        for day in range(4, 14):
            try:
                self.plan((day + 1) * DAY, entries, now=day * DAY)
            except TooManyContacts:
                continue
            entries.append(planning(day * DAY, (day + 1) * DAY))
        assert len(entries) == 2

    def test_written_down_they_are_no_other_contact(self) -> None:
        two = [planning(4 * DAY, 5 * DAY), *said((K.CONTACT, 4 * DAY + HOUR))]
        evening = FILED + 5 * DAY + 10 * HOUR
        held = peace.check_session(filed_at=FILED, said=two, now=evening)  # 21:00
        assert held == FILED + 5 * DAY
        written = [*two, Said(K.SESSION, by_objector=False, at=evening, meets_at=held)]
        assert list(peace.diary(written).contacts) == [FILED + 4 * DAY + HOUR, FILED + 5 * DAY]
        # once: the next one would be a contact
        with pytest.raises(QuietHours):
            peace.check_session(filed_at=FILED, said=written, now=evening)
        with pytest.raises(TooManyContacts):
            peace.check_session(filed_at=FILED, said=written, now=FILED + 6 * DAY)

    def test_before_their_day_nothing_is_written_down(self) -> None:
        planned = [planning(4 * DAY, 6 * DAY), *said((K.CONTACT, 4 * DAY + HOUR))]
        with pytest.raises(TooManyContacts):
            peace.check_session(filed_at=FILED, said=planned, now=FILED + 5 * DAY)
        assert (
            peace.check_session(filed_at=FILED, said=planned, now=FILED + 6 * DAY - HOUR) == FILED + 6 * DAY
        )

    def test_moved_they_are_told_of_and_go_with_their_contact(self) -> None:
        planned = [planning(4 * DAY, 10 * DAY)]
        peace.check_meeting(FILED + 11 * DAY, filed_at=FILED, said=planned, now=FILED + 5 * DAY, moves=True)
        moved = [*planned, Said(K.MOVED, by_objector=False, at=FILED + 5 * DAY, meets_at=FILED + 11 * DAY)]
        assert peace.planned_meeting(moved, FILED + 6 * DAY) == FILED + 11 * DAY
        assert list(peace.diary(moved).contacts) == [FILED + 5 * DAY, FILED + 11 * DAY]
        with pytest.raises(TooManyContacts):  # not again and again
            peace.check_meeting(FILED + 12 * DAY, filed_at=FILED, said=moved, now=FILED + 6 * DAY, moves=True)
        with pytest.raises(NoMeeting):
            peace.check_meeting(FILED + 12 * DAY, filed_at=FILED, said=[], now=FILED + 6 * DAY, moves=True)

    def test_called_off_they_are_free_again_but_not_for_ever_new_ones(self) -> None:
        with pytest.raises(NoMeeting):
            peace.check_calling_off(said=[])
        entries = [planning(4 * DAY, 30 * DAY)]
        peace.check_calling_off(said=entries)
        entries += said((K.CALLED_OFF, 5 * DAY))
        assert peace.planned_meeting(entries, FILED + 5 * DAY) is None
        self.plan(31 * DAY, entries, now=5 * DAY + HOUR)
        entries += [planning(5 * DAY + HOUR, 31 * DAY), *said((K.CALLED_OFF, 6 * DAY))]
        with pytest.raises(TooManyContacts):
            self.plan(31 * DAY, entries, now=7 * DAY)

    def test_one_that_did_not_take_place_stays_the_contact_of_its_day(self) -> None:
        entries = [planning(4 * DAY, 5 * DAY), *said((K.CALLED_OFF, 6 * DAY))]
        assert list(peace.diary(entries).contacts) == [FILED + 5 * DAY]
        assert peace.meeting_to_write_down(entries, FILED + 7 * DAY) is None

    @pytest.mark.parametrize("no", [K.NO_CONTACT, K.REFUSAL, K.WITHDRAWN, K.SETTLED])
    def test_what_the_household_says_ends_them(self, no: EntryKind) -> None:
        planned = [planning(4 * DAY, 6 * DAY)]
        over = [*planned, *said((no, 5 * DAY))]
        assert peace.planned_meeting(over, FILED + 5 * DAY) is None
        assert peace.meeting_to_write_down(over, FILED + 7 * DAY) is None
        # said after it was held, it is still written down
        late = [*planned, *said((no, 6 * DAY + HOUR))]
        assert peace.check_session(filed_at=FILED, said=late, now=FILED + 7 * DAY) == FILED + 6 * DAY


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
BY_THEN = (Duty.CONCLUDE, 32 * DAY)


class TestDeadlines:
    @pytest.mark.parametrize(
        ("case", "owed"),
        [
            (standing(FILED_, seen=False, mediated=False), [(Duty.ACKNOWLEDGE, 5 * DAY)]),
            (standing(FILED_, mediated=False), [(Duty.ASSIGN, 4 * DAY)]),
            (standing(FILED_, said((K.REFUSAL, 9 * DAY)), mediated=False), [(Duty.ASSIGN, 12 * DAY)]),
            (standing(FILED_, said((K.HANDED_OVER, 8 * DAY)), mediated=False), [(Duty.ASSIGN, 11 * DAY)]),
            (standing(ASSIGNED, said(TOOK)), [(Duty.CONTACT, 10 * DAY), BY_THEN]),
            (standing(ASSIGNED, said((K.ASSIGNED, 9 * DAY))), [(Duty.CONTACT, 16 * DAY), (Duty.CONCLUDE, 39 * DAY)]),
            (standing(ASSIGNED, said(TOOK, (K.CONTACT, 4 * DAY))), [BY_THEN]),
            (standing(ASSIGNED, said(TOOK, (K.NO_CONTACT, 3 * DAY))), [BY_THEN]),
            (standing(ASSIGNED, said(TOOK, (K.CONTACT, 4 * DAY), (K.ANSWER, 6 * DAY))),
             [(Duty.ANSWER, 11 * DAY), BY_THEN]),
            # whoever keeps an objection keeps it as long as they like
            (standing(MAINTAINED, said(TOOK, (K.CONTACT, 4 * DAY))), []),
            (standing(MAINTAINED, mediated=False), []),
            (standing(SETTLED), []),
            (standing(SETTLED, complained=FILED + 3 * DAY), [(Duty.REPLY, 10 * DAY)]),
        ],
    )  # fmt: skip
    def test_what_is_owed_and_by_when(self, case: Standing, owed: list[tuple[Duty, dt.timedelta]]) -> None:
        assert [(each.duty, each.by - FILED) for each in deadlines.dues(case)] == owed

    def test_the_soonest_comes_first(self) -> None:
        case = standing(ASSIGNED, said(TOOK, (K.ANSWER, 3 * DAY)), complained=FILED)
        assert [each.duty for each in deadlines.dues(case)] == [
            Duty.REPLY,
            Duty.ANSWER,
            Duty.CONTACT,
            Duty.CONCLUDE,
        ]

    def test_a_late_look_gains_no_time(self) -> None:
        for looked, by in ((DAY, 4 * DAY), (5 * DAY, 8 * DAY), (34 * DAY, 8 * DAY)):
            case = Standing(FILED_, FILED, FILED + looked, None, mediated=False, said=[])
            assert [(each.duty, each.by - FILED) for each in deadlines.dues(case)] == [(Duty.ASSIGN, by)]

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
