"""What a household can do from where its case stands."""

import datetime as dt
import uuid

import pytest

from app.objections.errors import (
    ComplaintWaiting,
    MediatorRefused,
    NoMediator,
    OfferReplaced,
    TooManyRefusals,
)
from app.objections.rules import (
    TRANSITIONS,
    Act,
    ObjectionState,
    check_assignment,
    check_complaint,
    check_offer,
    check_refusal,
    possible,
    public_count,
)
from tests.objection_story import DAY, FILED

STATES = pytest.mark.parametrize("state", list(ObjectionState))


def acts(state: ObjectionState, *, after: dt.timedelta = DAY, **changes: bool | int) -> set[Act]:
    facts = {"mediated": True, "offered": True, "refusals": 0, "complaint_waits": False} | changes
    return set(possible(state, withdrawn_at=FILED, now=FILED + after, **facts))  # type: ignore[arg-type]


class TestPossible:
    @STATES
    def test_what_is_offered_follows_from_the_state(self, state: ObjectionState) -> None:
        """Nothing on the screen that would be refused."""
        returned = {Act.MAINTAIN} if state is ObjectionState.WITHDRAWN else set()
        assert acts(state) - returned <= {act for at, act in TRANSITIONS if at is state}

    @STATES
    def test_an_open_or_settled_objection_can_be_kept_and_complaints_made(
        self, state: ObjectionState
    ) -> None:
        assert Act.ESCALATE in acts(state)
        kept = state is ObjectionState.MAINTAINED
        assert (Act.MAINTAIN in acts(state)) is not kept

    def test_a_withdrawal_can_be_taken_back_to_the_second(self) -> None:
        withdrawn = ObjectionState.WITHDRAWN
        assert Act.MAINTAIN in acts(withdrawn, after=2 * DAY)
        assert Act.MAINTAIN not in acts(withdrawn, after=2 * DAY + dt.timedelta(seconds=1))

    def test_hindrances(self) -> None:
        state = ObjectionState.ASSIGNED
        assert Act.SETTLE not in acts(state, offered=False)
        assert Act.REFUSE_MEDIATOR not in acts(state, mediated=False)
        assert Act.REFUSE_MEDIATOR not in acts(state, refusals=3)
        assert Act.ESCALATE not in acts(state, complaint_waits=True)
        assert Act.WITHDRAW in acts(state, mediated=False, offered=False, refusals=3, complaint_waits=True)

    def test_staffs_acts_are_never_the_households(self) -> None:
        everything = set().union(*(acts(state) for state in ObjectionState))
        assert not everything & {Act.ASSIGN, Act.NEGOTIATE, Act.REPLY, Act.RETURN}


class TestChecks:
    def test_only_the_last_offer(self) -> None:
        check_offer(2, offers=2)
        for chosen in (1, 3):
            with pytest.raises(OfferReplaced):
                check_offer(chosen, offers=2)

    def test_refusing_takes_a_mediator_and_ends_at_three(self) -> None:
        mediator = uuid.uuid4()
        assert check_refusal(mediator_id=mediator, refused=2) == mediator
        with pytest.raises(NoMediator):
            check_refusal(mediator_id=None, refused=0)
        with pytest.raises(TooManyRefusals):
            check_refusal(mediator_id=mediator, refused=3)
        with pytest.raises(MediatorRefused):
            check_assignment(mediator, refused=[mediator])
        check_assignment(uuid.uuid4(), refused=[mediator])

    def test_one_complaint_at_a_time(self) -> None:
        check_complaint(None)
        with pytest.raises(ComplaintWaiting):
            check_complaint(FILED)


class TestPublicCount:
    @pytest.mark.parametrize(
        ("objections", "households", "shown"),
        [(0, 100, None), (4, 100, None), (5, 29, None), (5, 30, 5), (7, 30, 5), (8, 30, 10), (12, 500, 10),
         (13, 500, 15)],
    )  # fmt: skip
    def test_rounded_where_it_points_at_nobody(
        self, objections: int, households: int, shown: int | None
    ) -> None:
        assert public_count(objections, households) == shown
