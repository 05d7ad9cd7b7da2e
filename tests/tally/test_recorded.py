"""Counting unit by unit, and a recorded vote as a file that anybody can count again."""

import base64
import copy
import datetime as dt
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.canonical import canonical_json
from app.core.signer import Signer, b64, verifies
from app.tally.double_quorum import (
    Choice,
    Matter,
    Share,
    Tally,
    Thresholds,
    Unit,
    Vote,
    decide,
    decide_units,
    requirements,
    thresholds,
)
from app.tally.errors import MalformedInput
from app.tally.recorded import (
    RECORD_PURPOSE,
    RecordDiffers,
    check,
    count,
    decision_of,
    figures,
    roll_digest,
    vote_statement,
)

TODAY = dt.date(2026, 11, 25)
RULES = st.sampled_from([thresholds(matter, TODAY) for matter in Matter])
UNITS = st.lists(
    st.builds(
        Unit,
        owner=st.sampled_from("abcdefgh"),
        area=st.integers(1, 30_000),
        choice=st.sampled_from([*Choice, None]),
    ),
    min_size=1,
    max_size=30,
)


class TestShare:
    @given(
        st.sampled_from([(2, 3, False), (1, 2, True), (3, 4, False), (1, 1, False)]), st.integers(1, 10**9)
    )
    def test_the_least_number_that_is_enough_is_the_least(
        self, of: tuple[int, int, bool], whole: int
    ) -> None:
        share = Share(Fraction(of[0], of[1]), strictly=of[2])
        assert share.reached(share.needed(whole), whole)
        assert not share.reached(share.needed(whole) - 1, whole)

    def test_of_nothing_one_is_missing(self) -> None:
        assert Share(Fraction(1, 2), strictly=True).needed(0) == 1

    @pytest.mark.parametrize("part", ["0", "3/2", "1/0", "half", "-1/2"])
    def test_what_is_no_part_is_refused(self, part: str) -> None:
        with pytest.raises(MalformedInput):
            Share.from_plain({"part": part, "strictly": False})

    @given(RULES)
    def test_thresholds_are_the_same_after_writing_and_reading(self, rule: Thresholds) -> None:
        assert Thresholds.from_plain(json.loads(canonical_json(rule.to_plain()))) == rule


class TestUnits:
    @pytest.mark.parametrize("changed", [0, 1, -1])
    @pytest.mark.parametrize(("matter", "yes", "no"), [(Matter.ORDINARY, 3, 3), (Matter.SPECIAL, 6, 2)])
    def test_at_the_threshold_and_a_hundredth_of_a_square_metre_beside_it(
        self, matter: Matter, yes: int, no: int, changed: int
    ) -> None:
        """Area decides alone here: heads are for it by far."""
        rule = thresholds(matter, TODAY)
        said = [Unit(f"yes{at}", 10_000 if at else 10_000 + changed, Choice.FOR) for at in range(yes)]
        said += [Unit("no", 10_000 * no, Choice.AGAINST)]
        made = decide_units(said, rule=rule)
        assert made.valid
        assert made.passed is (changed > 0 if matter is Matter.ORDINARY else changed >= 0)
        area = requirements(made)[3]
        assert area.missing == (0 if made.passed else area.needed - area.have)

    def test_three_times_yes_is_twice_the_whole(self) -> None:
        rule = thresholds(Matter.ORDINARY, TODAY)
        for area, valid in ((19_999, True), (19_998, False)):
            units = [
                Unit("a", area, Choice.FOR),
                Unit("b", 1, Choice.FOR),
                Unit("c", 30_001 - area - 2, None),
            ]
            assert decide_units(units, rule=rule).valid is (3 * (area + 1) >= 2 * 30_000) is valid

    def test_who_says_both_has_said_neither(self) -> None:
        units = [Unit("a", 300, Choice.FOR), Unit("a", 200, Choice.AGAINST), Unit("b", 100, Choice.FOR)]
        made = decide_units(units, rule=thresholds(Matter.ORDINARY, TODAY))
        assert (made.taken_part, made.in_favour) == (Tally(2, 600), Tally(1, 400))
        assert (made.against, made.abstained) == (Tally(0, 200), Tally(1, 0))
        assert not made.passed  # one of two heads is not more than half

    def test_one_unit_makes_an_owner_take_part(self) -> None:
        units = [Unit("a", 300, Choice.FOR), Unit("a", 200, None)]
        made = decide_units(units, rule=thresholds(Matter.ORDINARY, TODAY))
        assert (made.all_owners, made.taken_part) == (Tally(1, 500), Tally(1, 300))

    @given(UNITS, RULES)
    def test_where_owners_agree_with_themselves_it_is_the_count_by_owner(
        self, units: list[Unit], rule: Thresholds
    ) -> None:
        said = {unit.owner: unit.choice for unit in units}
        agreed = [Unit(unit.owner, unit.area, said[unit.owner]) for unit in units]
        areas: dict[str, int] = {}
        for unit in agreed:
            areas[unit.owner] = areas.get(unit.owner, 0) + unit.area
        votes = [Vote(owner, areas[owner], choice) for owner, choice in said.items() if choice is not None]
        whole = Tally(len(areas), sum(areas.values()))
        assert decide_units(agreed, rule=rule) == decide(votes, all_owners=whole, rule=rule)

    @given(UNITS, RULES)
    def test_it_passes_exactly_where_all_four_numbers_are_reached(
        self, units: list[Unit], rule: Thresholds
    ) -> None:
        made = decide_units(units, rule=rule)
        assert made.passed is all(each.missing == 0 for each in requirements(made))
        assert made.valid is all(each.missing == 0 for each in requirements(made)[:2])
        assert decision_of({"figures": figures(made), "thresholds": rule.to_plain()}) == made

    def test_no_area_no_vote(self) -> None:
        with pytest.raises(MalformedInput):
            decide_units([Unit("a", 0, None)], rule=thresholds(Matter.ORDINARY, TODAY))


SIGNER = Signer(b"7" * 32)


def record(choices: str = "ffffa-") -> dict[str, Any]:
    """A file as the service writes it."""
    names = {"f": "for", "a": "against", "-": None}
    entries: list[dict[str, Any]] = []
    for at, each in enumerate(choices):
        vote: dict[str, Any] | None = None
        if names[each]:
            vote = {
                "choice": names[each],
                "channel": "online",
                "version": 1,
                "acted_at": "2026-11-25T10:00:00+00:00",
            }
            statement = vote_statement(round_id="r", entry_id=f"e{at}", **vote)
            vote["signature"] = b64(SIGNER.sign(canonical_json(statement)))
        entries.append({"id": f"e{at}", "area": 100 + at, "head": at + 1, "vote": vote})
    body: dict[str, Any] = {
        "purpose": RECORD_PURPOSE,
        "round_id": "r",
        "thresholds": thresholds(Matter.ORDINARY, TODAY).to_plain(),
        "roll_digest": roll_digest((each["id"], each["area"], each["head"]) for each in entries),
        "entries": entries,
    }
    body["figures"] = figures(count(body))
    return signed(body)


def signed(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "body": body,
        "signature": b64(SIGNER.sign(canonical_json(body))),
        "signed_with": b64(SIGNER.public_key),
    }


Tamper = Callable[[dict[str, Any]], object]


class TestCheck:
    def test_what_holds_is_counted_again(self) -> None:
        made = check(record())
        assert (made.passed, made.in_favour.heads, made.all_owners) == (True, 4, Tally(6, 615))
        assert check(record(), verifies=verifies) == made

    @pytest.mark.parametrize(
        ("tamper", "named"),
        [
            (lambda body: body.update(purpose="another"), "purpose"),
            (lambda body: body["entries"].append(body["entries"][0]), "twice"),
            (lambda body: body["entries"][5].update(area=999), "digest of the roll"),
            (lambda body: body["entries"][5].update(head=1), "digest of the roll"),
            (lambda body: body["entries"][0]["vote"].update(choice="against"), "vote of unit e0"),
            (lambda body: body["entries"][0]["vote"].update(version=2), "vote of unit e0"),
            (lambda body: body["entries"][0].update(vote=None), "figures.taken_part"),
            (lambda body: body["figures"].update(passed=False), "figures.passed"),
            (lambda body: body["figures"]["against"].update(area=1), "figures.against"),
            (lambda body: body["figures"].update(more=1), "more than can be counted"),
            (lambda body: body["thresholds"]["approval"].update(part="9/10"), "figures.passed"),
        ],
    )
    def test_whatever_is_changed_is_named_even_if_it_is_signed_again(
        self, tamper: Tamper, named: str
    ) -> None:
        told = copy.deepcopy(record())
        tamper(told["body"])
        with pytest.raises(RecordDiffers, match=r"the signature of the file|purpose"):
            check(told)
        with pytest.raises(RecordDiffers, match=named):
            check(signed(told["body"]))

    @pytest.mark.parametrize(
        "tamper",
        [
            lambda told: told.pop("body"),
            lambda told: told.update(body=3),
            lambda told: told.update(signature="!"),
            lambda told: told["body"]["entries"][0].pop("head"),
        ],
    )
    def test_what_is_no_such_file_is_said_so(self, tamper: Tamper) -> None:
        told = copy.deepcopy(record())
        tamper(told)
        with pytest.raises(MalformedInput):
            check(told)

    @pytest.mark.parametrize("area", [1.5, "100", True, None])
    def test_an_area_is_a_whole_number(self, area: object) -> None:
        body = copy.deepcopy(record()["body"])
        body["entries"][5]["area"] = area
        with pytest.raises(MalformedInput):
            count(body)

    def test_another_key_signed_nothing_here(self) -> None:
        told = record() | {"signed_with": base64.b64encode(b"8" * 32).decode()}
        with pytest.raises(RecordDiffers):
            check(told)
