"""What a ballot is, without a database."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ballots import rules
from app.ballots.errors import BoxDamaged, RepeatedProject, TooManyRanks, UnknownProject
from app.ballots.rules import Level, OpenedBallot

ROUND = uuid.UUID("11111111-2222-3333-4444-555555555555")
IDS = [uuid.UUID(int=number) for number in range(1, 8)]
LISTED = {project_id: position for position, project_id in enumerate(IDS)}


class TestPositionsOf:
    def test_a_ranking_becomes_places_on_the_list(self) -> None:
        assert rules.positions_of([IDS[3], IDS[0]], listed=LISTED, max_rank=3) == (3, 0)

    def test_a_project_of_another_round_is_refused(self) -> None:
        with pytest.raises(UnknownProject) as caught:
            rules.positions_of([uuid.UUID(int=99)], listed=LISTED, max_rank=3)
        assert caught.value.facts == {"project_id": str(uuid.UUID(int=99))}

    def test_a_project_ranked_twice_is_refused(self) -> None:
        with pytest.raises(RepeatedProject):
            rules.positions_of([IDS[1], IDS[2], IDS[1]], listed=LISTED, max_rank=3)

    def test_more_ranks_than_the_round_allows_are_refused(self) -> None:
        with pytest.raises(TooManyRanks) as caught:
            rules.positions_of(IDS[:4], listed=LISTED, max_rank=3)
        assert caught.value.facts == {"ranks": 4, "most": 3}


class TestTracker:
    def test_it_is_sixteen_letters_from_secret_and_nonce(self) -> None:
        made = rules.tracker(round_id=ROUND, secret=b"s" * 16, nonce=b"n" * 16)
        assert len(made) == rules.TRACKER_LENGTH == 16
        assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    def test_neither_side_alone_decides_it(self) -> None:
        made = {
            rules.tracker(round_id=ROUND, secret=secret, nonce=nonce)
            for secret in (b"a" * 16, b"b" * 16)
            for nonce in (b"c" * 16, b"d" * 16)
        }
        assert len(made) == 4


class TestPlaintext:
    @given(
        projects=st.integers(1, 300),
        most=st.integers(1, 50),
        data=st.data(),
    )
    def test_every_ballot_of_a_round_has_the_same_length(
        self, projects: int, most: int, data: st.DataObject
    ) -> None:
        ranking = data.draw(st.lists(st.integers(0, projects - 1), unique=True, max_size=min(most, projects)))
        length = rules.padded_length(projects=projects, max_rank=most)
        plain = rules.plaintext(ranking, "A" * 16, length=length)
        assert len(plain) == length
        assert rules.read_plaintext(plain) == OpenedBallot("A" * 16, tuple(ranking))

    @pytest.mark.parametrize(
        "raw", [b"", b"{}", b"[]", b'{"tracker":"A"}', b'{"tracker":"A","ranking":"xx"}', b"\xff"]
    )
    def test_what_is_no_ballot_stops_the_opening(self, raw: bytes) -> None:
        with pytest.raises(BoxDamaged):
            rules.read_plaintext(raw)


class TestLevelFor:
    @pytest.mark.parametrize(
        ("ballots", "level"),
        [
            (0, Level.AGGREGATES),
            (49, Level.AGGREGATES),
            (50, Level.TOP_3),
            (199, Level.TOP_3),
            (200, Level.FULL),
        ],
    )
    def test_small_rounds_publish_less(self, ballots: int, level: Level) -> None:
        assert rules.level_for(ballots) is level

    def test_only_the_middle_level_cuts_rankings(self) -> None:
        assert rules.cut([4, 3, 2, 1], Level.FULL) == (4, 3, 2, 1)
        assert rules.cut([4, 3, 2, 1], Level.TOP_3) == (4, 3, 2)
        assert rules.cut([4, 3, 2, 1], Level.AGGREGATES) == (4, 3, 2, 1)


class TestInTrackerOrder:
    def test_equal_trackers_keep_both_lines(self) -> None:
        lines = rules.in_tracker_order(
            [OpenedBallot("B", (1,)), OpenedBallot("A", (2,)), OpenedBallot("B", (0,))]
        )
        assert lines == [OpenedBallot("A", (2,)), OpenedBallot("B-1", (0,)), OpenedBallot("B-2", (1,))]

    @given(
        st.lists(st.tuples(st.sampled_from("ABC"), st.lists(st.integers(0, 3), max_size=3)), max_size=12),
        st.randoms(),
    )
    def test_the_order_of_arrival_leaves_no_trace(
        self, given_ballots: list[tuple[str, list[int]]], random: object
    ) -> None:
        ballots = [OpenedBallot(tracker, tuple(ranking)) for tracker, ranking in given_ballots]
        shuffled = list(ballots)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        assert rules.in_tracker_order(shuffled) == rules.in_tracker_order(ballots)


class TestEnvelopeStatement:
    def test_it_is_canonical_json_anybody_can_write_down(self) -> None:
        statement = rules.envelope_statement(round_id=ROUND, entry_id=IDS[0], version=2, ciphertext_hash="ab")
        assert json.loads(statement) == {
            "purpose": "gongyi envelope v1",
            "round_id": str(ROUND),
            "entry_id": str(IDS[0]),
            "version": 2,
            "envelope_hash": "ab",
        }
        assert statement == json.dumps(json.loads(statement), sort_keys=True, separators=(",", ":")).encode()
