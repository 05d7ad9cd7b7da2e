"""A key in three hands, told through the API: taken, typed back, brought again by two; and what goes wrong."""

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from structlog.testing import capture_logs

from app.access import service as access
from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.ballots import shares, tasks
from app.ballots.keystore import KeyStore
from app.ballots.service import custody
from app.ballots.shares import HOLDER_ROLES, Holder
from app.core import clock
from app.core.db import Database
from app.wiring import Wiring
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

PLATFORM, SUBDISTRICT, RESIDENTS = Holder
PAIRS = pytest.mark.parametrize("pair", list(combinations(Holder, 2)), ids="-".join)


@dataclass
class Ceremony:
    """A published round with a split key, and the three who will hold it."""

    story: Story
    projects: list[str]
    round_id: str
    actors: dict[Holder, Actor]

    @property
    def path(self) -> str:
        return f"/api/v1/rounds/{self.round_id}/key-shares"

    def headers(self, holder: Holder) -> Headers:
        return self.story.callers.headers(self.actors[holder])

    def hold(self, holder: Holder, who: Headers | None = None) -> httpx.Response:
        return self._post(f"{holder}/hold", None, self.headers(holder) if who is None else who)

    def confirm(self, holder: Holder, words: str, who: Headers | None = None) -> httpx.Response:
        return self._post(f"{holder}/confirm", {"words": words}, self.headers(holder) if who is None else who)

    def enter(self, holder: Holder, words: str, who: Headers | None = None) -> httpx.Response:
        return self._post(f"{holder}/enter", {"words": words}, self.headers(holder) if who is None else who)

    def discard(self, who: Headers | None = None) -> httpx.Response:
        return self._post("discard", {"reason": "街道的份额遗失"}, self.story.chair if who is None else who)

    def act(self, act: str) -> httpx.Response:
        answer: httpx.Response = self.story.client.post(
            f"/api/v1/rounds/{self.round_id}/{act}", headers=self.story.clerk
        )
        return answer

    def take(self, holder: Holder) -> str:
        return " ".join(ok(self.hold(holder))["words"])

    def share_out(self) -> dict[Holder, str]:
        """Everybody takes their share and types it back."""
        words = {holder: self.take(holder) for holder in Holder}
        for holder in Holder:
            ok(self.confirm(holder, words[holder]))
        return words

    def vote(self, ballots: int = 1) -> None:
        """Open, cast, close."""
        ok(self.act("open"))
        for number in range(ballots):
            ok(self.story.cast(self.round_id, self.story.resident(number), self.projects[: number + 1]))
        ok(self.act("close"))

    def status(self) -> dict[str, Any]:
        seen: dict[str, Any] = ok(self.story.client.get(self.path, headers=self.story.clerk))
        return seen

    def which(self, fact: str) -> list[str]:
        return [each["holder"] for each in self.status()["shares"] if each[fact]]

    def board(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = ok(self.story.client.get(f"/board/v1/rounds/{self.round_id}"))[
            "entries"
        ]
        return entries

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        return [entry["body"] for entry in self.board() if entry["kind"] == kind]

    def _post(self, act: str, body: dict[str, str] | None, who: Headers) -> httpx.Response:
        answer: httpx.Response = self.story.client.post(f"{self.path}/{act}", json=body, headers=who)
        return answer


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(3)


@pytest.fixture
def projects(story: Story) -> list[str]:
    return story.published_projects([300_000, 400_000, 500_000])


def begin(story: Story, projects: list[str]) -> Ceremony:
    over = {PLATFORM: "000000000000", SUBDISTRICT: "520102031000", RESIDENTS: COMMUNITY}
    actors = {
        holder: story.callers.staff_actor(role, over[holder], name=f"{holder}-{uuid.uuid4().hex[:6]}")
        for holder, role in HOLDER_ROLES.items()
    }
    return Ceremony(story, projects, story.publish_round(projects, custody="split"), actors)


@pytest.fixture
def ceremony(story: Story, projects: list[str]) -> Ceremony:
    return begin(story, projects)


@pytest.fixture
def folder(wiring: Wiring) -> Path:
    return wiring.keys._folder


def killing(error: str = "killed here") -> Callable[..., Any]:
    def fatal(*_: object, **__: object) -> None:
        raise RuntimeError(error)

    return fatal


def rows(database: Database) -> str:
    """Every value of every table."""
    from app.tables import metadata

    with database.reading() as session:
        return "\n".join(
            repr(tuple(row))
            for table in metadata.sorted_tables
            for row in session.execute(text(f'SELECT * FROM "{table.name}"'))  # noqa: S608
        )


def everything(folder: Path, database: Database) -> bytes:
    """What a thief of the key store and of the database would hold."""
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    if database.is_sqlite:
        kept += [path.read_bytes() for path in folder.parent.glob("gongyi.db*")]
    return b"\0".join([*kept, rows(database).encode()])


def spellings(secret: bytes) -> Iterable[bytes]:
    import base64

    yield secret
    yield secret.hex().encode()
    yield base64.b64encode(secret).rstrip(b"=")
    yield repr(secret)[2:-1].encode()


class TestStory:
    @PAIRS
    def test_two_of_three_open_the_box_and_then_nothing_is_left(
        self, ceremony: Ceremony, pair: tuple[Holder, Holder], folder: Path, drain: Callable[[], int]
    ) -> None:
        words = ceremony.share_out()
        ceremony.vote(3)
        assert refused(ceremony.act("open-box"), 503, "key_share_missing")["entered"] == 0
        ok(ceremony.enter(pair[0], words[pair[0]]))
        told = refused(ceremony.act("open-box"), 503, "key_share_missing")
        assert (told["entered"], told["needed"]) == (1, 2)
        seen = ok(ceremony.enter(pair[1], words[pair[1]]))
        assert (seen["ready"], seen["needed"]) == (2, 2)
        assert ceremony.which("entered") == list(pair)
        ok(ceremony.act("open-box"))
        drain()
        result = ok(ceremony.story.client.get(f"/api/v1/rounds/{ceremony.round_id}/result"))
        assert result["ballots_counted"] == 3
        assert list(folder.iterdir()) == []
        kinds = [entry["kind"] for entry in ceremony.board()]
        assert kinds[:5] == ["published", *["key_shared"] * 3, "opened"]
        assert kinds[-1] == "key_destroyed"
        assert ceremony.which("entered") == list(pair)  # as history
        assert ceremony.status()["ready"] == 0


class TestHold:
    def test_words_are_shown_to_one_account_until_it_confirms_them(self, ceremony: Ceremony) -> None:
        answer = ceremony.hold(RESIDENTS)
        assert answer.headers["cache-control"] == "no-store"
        shown = ok(answer)
        assert (shown["holder"], len(shown["words"])) == ("residents", 33)
        assert shown["sheet_svg"].startswith("<svg")
        assert "2026 年社区微更新" in shown["sheet_svg"]
        assert ok(ceremony.hold(RESIDENTS)) == shown
        assert ceremony.which("taken") == ["residents"]
        assert ceremony.which("confirmed") == []
        other = ceremony.story.callers.staff(Role.SUPERVISOR, COMMUNITY)
        refused(ceremony.hold(RESIDENTS, other), 403, "share_of_another_account")
        ok(ceremony.confirm(RESIDENTS, " ".join(shown["words"])))
        refused(ceremony.hold(RESIDENTS), 409, "share_confirmed")
        refused(ceremony.hold(RESIDENTS, other), 403, "share_of_another_account")

    def test_the_three_shares_are_of_one_key(self, ceremony: Ceremony) -> None:
        words = [ceremony.take(holder) for holder in Holder]
        secrets = {shares.combine(pair) for pair in combinations(words, 2)}
        assert len(secrets) == 1
        assert None not in secrets
        assert len(set(words)) == 3
        fingerprints = [each["fingerprint"] for each in ceremony.status()["shares"]]
        round_id = uuid.UUID(ceremony.round_id)
        assert fingerprints == [shares.fingerprint(round_id=round_id, words=each) for each in words]

    def test_each_side_takes_its_own(self, ceremony: Ceremony, callers: Callers) -> None:
        for holder, other in ((PLATFORM, SUBDISTRICT), (SUBDISTRICT, RESIDENTS), (RESIDENTS, PLATFORM)):
            refused(ceremony.hold(holder, ceremony.headers(other)), 403, "share_of_another_holder")
        for nobody in (ceremony.story.clerk, ceremony.story.chair, ceremony.story.resident(0)):
            refused(ceremony.hold(RESIDENTS, nobody), 403, "not_allowed")
        refused(ceremony.hold(RESIDENTS, {}), 401, "not_signed_in")
        stranger = callers.staff(Role.SUPERVISOR, NEIGHBOUR)
        foreign = refused(ceremony.hold(RESIDENTS, stranger), 404, "round_not_found")
        ceremony.round_id = str(uuid.uuid4())
        missing = refused(ceremony.hold(RESIDENTS), 404, "round_not_found")
        assert foreign == missing

    def test_an_account_in_two_roles_takes_one_share(self, ceremony: Ceremony, callers: Callers) -> None:
        both = callers.staff_of_old(Role.SUPERVISOR, COMMUNITY, also=(Role.SUBDISTRICT_OFFICER,))
        ok(ceremony.hold(SUBDISTRICT, both))
        refused(ceremony.hold(RESIDENTS, both), 409, "one_share_each")
        ok(ceremony.hold(RESIDENTS))

    def test_it_is_for_published_rounds_with_a_split_key(
        self, ceremony: Ceremony, story: Story, wiring: Wiring
    ) -> None:
        mine = ceremony.round_id
        ceremony.round_id = story.publish_round(story.published_projects([100_000]))
        refused(ceremony.hold(PLATFORM), 409, "key_not_split")
        refused(story.client.get(ceremony.path, headers=story.clerk), 409, "key_not_split")
        ceremony.round_id = story.draft_round(story.published_projects([100_000]), custody="split")
        refused(ceremony.hold(PLATFORM), 404, "round_not_found")
        refused(story.client.get(ceremony.path, headers=story.clerk), 404, "round_not_found")
        assert not wiring.keys.has(uuid.UUID(ceremony.round_id))
        ceremony.round_id = mine
        words = ceremony.share_out()
        ceremony.vote()
        for answer in (
            ceremony.hold(PLATFORM),
            ceremony.confirm(PLATFORM, words[PLATFORM]),
            ceremony.discard(),
        ):
            assert refused(answer, 409, "round_wrong_state")["state"] == "closed"

    def test_three_at_once_get_shares_of_one_key(self, ceremony: Ceremony) -> None:
        answers: dict[Holder, httpx.Response] = {}
        start = threading.Barrier(3)
        headers = {holder: ceremony.headers(holder) for holder in Holder}

        def take(holder: Holder) -> None:
            start.wait()
            answers[holder] = ceremony.hold(holder, headers[holder])

        threads = [threading.Thread(target=take, args=(holder,)) for holder in Holder]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        words = {holder: " ".join(ok(answer)["words"]) for holder, answer in answers.items()}
        assert len({shares.combine(pair) for pair in combinations(words.values(), 2)}) == 1
        for holder in Holder:
            ok(ceremony.confirm(holder, words[holder]))
        ok(ceremony.act("open"))

    def test_killed_between_key_and_commit_the_next_call_takes_the_key_up(
        self, ceremony: Ceremony, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(custody, "_record", killing())
            refused(ceremony.hold(PLATFORM), 500, "internal_error")
        public = wiring.keys.public_key(uuid.UUID(ceremony.round_id))
        assert ceremony.which("taken") == []
        ceremony.share_out()
        assert wiring.keys.public_key(uuid.UUID(ceremony.round_id)) == public
        ok(ceremony.act("open"))

    def test_every_look_stands_in_the_record(self, ceremony: Ceremony, database: Database) -> None:
        words = ceremony.take(SUBDISTRICT)
        ceremony.take(SUBDISTRICT)
        ok(ceremony.confirm(SUBDISTRICT, words))
        with database.reading() as session:
            found = session.execute(
                text("SELECT tag, actor, facts FROM audit_entry WHERE tag LIKE 'key_share:%' ORDER BY seq")
            ).all()
        assert [row.tag for row in found] == ["key_share:shown"] * 2 + ["key_share:confirmed"]
        assert {row.actor for row in found} == {ceremony.actors[SUBDISTRICT].ref}
        assert {row.facts for row in found} == {'{"holder":"subdistrict"}'}


class TestConfirm:
    def test_the_words_leave_and_the_board_says_who_has_them(
        self, ceremony: Ceremony, wiring: Wiring
    ) -> None:
        words = ceremony.take(PLATFORM)
        typed = "\n".join(f"{number}. {word.upper()}" for number, word in enumerate(words.split(), 1))
        seen = ok(ceremony.confirm(PLATFORM, f"  {typed}  "))
        assert [each["confirmed"] for each in seen["shares"]] == [True, False, False]
        assert [each["mine"] for each in seen["shares"]] == [True, False, False]
        home = wiring.keys._home(uuid.UUID(ceremony.round_id))
        assert {path.name for path in home.iterdir()} == {"public", "subdistrict.share", "residents.share"}
        (body,) = ceremony.bodies("key_shared")
        assert body["holder"] == "platform"
        assert body["share_fingerprint"] == seen["shares"][0]["fingerprint"]
        assert (body["needed"], body["shares"]) == (2, 3)
        ok(ceremony.confirm(PLATFORM, words))  # a lost answer is no drama
        assert len(ceremony.bodies("key_shared")) == 1

    def test_wrong_words_are_told_without_repeating_them(self, ceremony: Ceremony, story: Story) -> None:
        words, others = ceremony.take(PLATFORM).split(), ceremony.take(RESIDENTS)
        another = begin(story, story.published_projects([100_000]))
        typo = [*words[:6], "xylophon", *words[7:]]
        swapped = [words[-1], *words[1:-1], words[0]]
        cases = [
            (" ".join(typo), "words_misspelt"),
            (" ".join(words[1:]), "words_miscounted"),
            (" ".join(swapped), "words_mixed_up"),
            (others, "words_of_another_holder"),
            (another.take(PLATFORM), "words_of_another_key"),
            ("", "malformed_request"),
            ("academic " * 400, "malformed_request"),
        ]
        told = [(code, refused(ceremony.confirm(PLATFORM, typed), 422, code)) for typed, code in cases]
        assert told[0][1]["positions"] == "7"
        answers = " ".join(str(body) for _, body in told)
        assert "xylophon" not in answers
        for share in (words, others.split()):
            assert not any(" ".join(pair) in answers for pair in pairwise(share))
        assert ceremony.which("confirmed") == []

    def test_a_fault_is_logged_without_words(
        self, ceremony: Ceremony, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        words = ceremony.take(PLATFORM)
        with monkeypatch.context() as patch, capture_logs() as logged:
            patch.setattr(custody, "_check_words", killing(words))
            told = refused(ceremony.confirm(PLATFORM, words), 500, "internal_error")
        assert [each["error_type"] for each in logged] == ["RuntimeError"]
        for each in (repr(logged), str(told)):
            assert " ".join(words.split()[:2]) not in each

    def test_only_who_took_it_confirms_it(self, ceremony: Ceremony, callers: Callers) -> None:
        refused(ceremony.confirm(RESIDENTS, "some words"), 409, "share_not_taken")
        ceremony.take(PLATFORM)
        refused(ceremony.confirm(RESIDENTS, "some words"), 409, "share_not_taken")
        words = ceremony.take(RESIDENTS)
        other = callers.staff(Role.SUPERVISOR, COMMUNITY)
        refused(ceremony.confirm(RESIDENTS, words, other), 403, "share_of_another_account")
        refused(
            ceremony.confirm(RESIDENTS, words, ceremony.headers(PLATFORM)), 403, "share_of_another_holder"
        )
        ok(ceremony.confirm(RESIDENTS, words))

    def test_killed_before_the_words_leave_they_can_be_seen_again(
        self, ceremony: Ceremony, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        words = ceremony.take(RESIDENTS)
        with monkeypatch.context() as patch:
            patch.setattr(KeyStore, "forget_share", killing())
            refused(ceremony.confirm(RESIDENTS, words), 500, "internal_error")
        assert ceremony.which("confirmed") == []
        assert ceremony.take(RESIDENTS) == words
        ok(ceremony.confirm(RESIDENTS, words))

    def test_killed_after_the_words_left_their_holder_types_them_again(
        self, ceremony: Ceremony, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        words = ceremony.take(RESIDENTS)
        with monkeypatch.context() as patch:
            patch.setattr(custody, "post", killing())
            refused(ceremony.confirm(RESIDENTS, words), 500, "internal_error")
        assert ceremony.which("confirmed") == []
        assert ceremony.bodies("key_shared") == []
        refused(ceremony.hold(RESIDENTS), 409, "share_gone")
        ok(ceremony.confirm(RESIDENTS, words))
        assert ceremony.which("confirmed") == ["residents"]


class TestOpen:
    def test_the_round_waits_for_three_holders_and_the_clock_tries_again(
        self, ceremony: Ceremony, wiring: Wiring, database: Database
    ) -> None:
        import datetime as dt

        told = refused(ceremony.act("open"), 409, "key_not_shared")
        assert told["holders"] == "platform, subdistrict, residents"
        words = {holder: ceremony.take(holder) for holder in Holder}
        for holder in (PLATFORM, SUBDISTRICT):
            ok(ceremony.confirm(holder, words[holder]))
        assert refused(ceremony.act("open"), 409, "key_not_shared")["holders"] == "residents"

        round_url = f"/api/v1/rounds/{ceremony.round_id}"
        opens = dt.datetime.fromisoformat(ok(ceremony.story.client.get(round_url))["opens_at"])
        with clock.frozen(opens + dt.timedelta(seconds=1)), capture_logs() as logged:
            tasks.open_due(database, keys=wiring.keys, signer=wiring.signer)
        assert [each["code"] for each in logged] == ["key_not_shared"]
        assert ok(ceremony.story.client.get(round_url))["status"] == "published"
        ok(ceremony.confirm(RESIDENTS, words[RESIDENTS]))
        with clock.frozen(opens + dt.timedelta(seconds=2)):
            tasks.open_due(database, keys=wiring.keys, signer=wiring.signer)
        assert ok(ceremony.story.client.get(round_url))["status"] == "open"
        (opened,) = ceremony.bodies("opened")
        assert opened["custody"] == "split"
        assert {body["sealing_key"] for body in ceremony.bodies("key_shared")} == {opened["sealing_key"]}

    def test_a_key_that_is_not_the_holders_opens_nothing(self, ceremony: Ceremony, wiring: Wiring) -> None:
        ceremony.share_out()
        public = wiring.keys._home(uuid.UUID(ceremony.round_id)) / "public"
        raw = public.read_bytes()
        public.write_bytes(bytes(32) + raw[32:])
        refused(ceremony.act("open"), 503, "key_missing")
        public.unlink()
        refused(ceremony.act("open"), 503, "key_missing")
        public.write_bytes(raw)
        ok(ceremony.act("open"))

    def test_a_key_in_one_place_is_said_too(self, story: Story, projects: list[str]) -> None:
        round_id = story.open_round(projects)
        entries = ok(story.client.get(f"/board/v1/rounds/{round_id}"))["entries"]
        assert [entry["body"]["custody"] for entry in entries if entry["kind"] == "opened"] == ["local"]


class TestEnter:
    def test_only_after_closing_by_who_took_it_and_once(self, ceremony: Ceremony, callers: Callers) -> None:
        words = ceremony.share_out()
        refused(ceremony.enter(PLATFORM, words[PLATFORM]), 409, "round_wrong_state")
        ok(ceremony.act("open"))
        refused(ceremony.enter(PLATFORM, words[PLATFORM]), 409, "round_wrong_state")
        ok(ceremony.act("close"))
        officer = callers.staff(Role.SUBDISTRICT_OFFICER, "520102031000")
        refused(ceremony.enter(SUBDISTRICT, words[SUBDISTRICT], officer), 403, "share_of_another_account")
        refused(ceremony.enter(PLATFORM, words[PLATFORM], officer), 403, "share_of_another_holder")
        refused(ceremony.enter(PLATFORM, words[PLATFORM], ceremony.story.chair), 403, "not_allowed")
        stranger = callers.staff(Role.SUPERVISOR, NEIGHBOUR)
        refused(ceremony.enter(RESIDENTS, words[RESIDENTS], stranger), 404, "round_not_found")
        refused(ceremony.enter(PLATFORM, words[RESIDENTS]), 422, "words_of_another_holder")
        refused(ceremony.enter(PLATFORM, words[PLATFORM][:-1]), 422, "words_misspelt")
        ok(ceremony.enter(PLATFORM, words[PLATFORM].upper()))
        refused(ceremony.enter(PLATFORM, words[PLATFORM]), 409, "share_entered")
        assert ceremony.status()["ready"] == 1
        refused(ceremony.act("open-box"), 503, "key_share_missing")

    def test_who_follows_in_the_role_brings_it_instead(
        self, ceremony: Ceremony, callers: Callers, database: Database
    ) -> None:
        words = ceremony.share_out()
        ceremony.vote()
        successor = callers.staff(Role.SUPERVISOR, COMMUNITY)
        refused(ceremony.enter(RESIDENTS, words[RESIDENTS], successor), 403, "share_of_another_account")
        gone = ceremony.actors[RESIDENTS].account_id
        assert gone is not None
        with database.writing() as session:
            access.disable_account(session, account_id=gone, actor=SYSTEM)
        # not somebody who holds another share, whatever roles they were given since
        officer = ceremony.actors[SUBDISTRICT]
        callers.grant_of_old(officer, Role.SUPERVISOR, COMMUNITY)
        ceremony.story.client.app.state.actor_cache.clear()  # type: ignore[attr-defined]
        refused(ceremony.enter(RESIDENTS, words[RESIDENTS], callers.headers(officer)), 409, "one_share_each")
        ok(ceremony.enter(RESIDENTS, words[RESIDENTS], successor))
        ok(ceremony.enter(SUBDISTRICT, words[SUBDISTRICT]))
        ok(ceremony.act("open-box"))

    def test_killed_between_file_and_commit_it_is_entered_again(
        self, ceremony: Ceremony, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        words = ceremony.share_out()
        ceremony.vote()
        ok(ceremony.enter(PLATFORM, words[PLATFORM]))
        with monkeypatch.context() as patch:
            patch.setattr(custody, "_record", killing())
            refused(ceremony.enter(RESIDENTS, words[RESIDENTS]), 500, "internal_error")
        assert wiring.keys.entered(uuid.UUID(ceremony.round_id)) == {PLATFORM, RESIDENTS}
        ok(ceremony.enter(RESIDENTS, words[RESIDENTS]))
        ok(ceremony.act("open-box"))

    def test_an_entry_that_was_lost_is_brought_again(
        self, ceremony: Ceremony, wiring: Wiring, drain: Callable[[], int]
    ) -> None:
        words = ceremony.share_out()
        ceremony.vote(2)
        for holder in (PLATFORM, SUBDISTRICT):
            ok(ceremony.enter(holder, words[holder]))
        (wiring.keys._home(uuid.UUID(ceremony.round_id)) / "platform.entered").unlink()
        refused(ceremony.act("open-box"), 503, "key_share_missing")
        assert ceremony.which("entered") == ["subdistrict"]
        ok(ceremony.enter(PLATFORM, words[PLATFORM]))
        ok(ceremony.act("open-box"))
        drain()
        assert not wiring.keys.has(uuid.UUID(ceremony.round_id))

    def test_with_two_shares_lost_the_round_is_void(self, ceremony: Ceremony) -> None:
        words = ceremony.share_out()
        ceremony.vote()
        ok(ceremony.enter(PLATFORM, words[PLATFORM]))
        refused(ceremony.act("open-box"), 503, "key_share_missing")
        refused(ceremony.discard(), 409, "round_wrong_state")
        cancel = f"/api/v1/rounds/{ceremony.round_id}/cancel"
        ended = ceremony.story.client.post(
            cancel, json={"reason": "两份钥匙份额遗失"}, headers=ceremony.story.chair
        )
        assert ok(ended)["status"] == "void"
        refused(ceremony.enter(RESIDENTS, words[RESIDENTS]), 409, "round_wrong_state")
        refused(ceremony.act("open-box"), 409, "round_wrong_state")


class TestDiscard:
    def test_before_opening_the_holders_begin_anew(
        self, ceremony: Ceremony, callers: Callers, wiring: Wiring
    ) -> None:
        old = ceremony.share_out()
        refused(ceremony.discard(ceremony.story.clerk), 403, "not_allowed")
        refused(ceremony.discard(callers.staff(Role.RC_CHAIR, NEIGHBOUR)), 404, "round_not_found")
        seen = ok(ceremony.discard())
        assert [each["fingerprint"] for each in seen["shares"]] == [None] * 3
        assert not wiring.keys.has(uuid.UUID(ceremony.round_id))
        assert ceremony.bodies("key_discarded") == [{"reason": "街道的份额遗失"}]
        ok(ceremony.discard())  # nothing to throw away, nothing to say
        assert len(ceremony.bodies("key_discarded")) == 1
        refused(ceremony.act("open"), 409, "key_not_shared")
        ceremony.take(PLATFORM)
        refused(ceremony.confirm(PLATFORM, old[PLATFORM]), 422, "words_of_another_key")
        new = ceremony.share_out()
        assert set(new.values()) & set(old.values()) == set()
        ok(ceremony.act("open"))

    def test_killed_before_the_commit_it_is_done_again(
        self, ceremony: Ceremony, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ceremony.share_out()
        with monkeypatch.context() as patch:
            patch.setattr(custody, "post", killing())
            refused(ceremony.discard(), 500, "internal_error")
        refused(ceremony.act("open"), 503, "key_missing")  # the shares are recorded, the key is gone
        ok(ceremony.discard())
        ceremony.share_out()
        ok(ceremony.act("open"))


class TestList:
    def test_staff_and_holders_see_who_holds_what_and_nobody_sees_words(
        self, ceremony: Ceremony, callers: Callers
    ) -> None:
        words = ceremony.take(SUBDISTRICT)
        client = ceremony.story.client
        seen = ok(client.get(ceremony.path, headers=ceremony.headers(SUBDISTRICT)))
        assert (seen["needed"], seen["ready"]) == (2, 0)
        assert [(each["holder"], each["role"]) for each in seen["shares"]] == [
            ("platform", "administrator"),
            ("subdistrict", "subdistrict_officer"),
            ("residents", "supervisor"),
        ]
        mine = seen["shares"][1]
        assert mine["mine"] is True
        assert mine["held_by"].startswith("subdistrict-")
        assert seen["shares"][0]["held_by"] is None
        listed = client.get(ceremony.path, headers=ceremony.story.clerk)
        assert ok(listed)["shares"][1]["mine"] is False
        assert words.split()[5] + " " not in listed.text
        refused(client.get(ceremony.path), 401, "not_signed_in")
        refused(client.get(ceremony.path, headers=ceremony.story.resident(0)), 403, "not_allowed")
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(client.get(ceremony.path, headers=stranger), 404, "round_not_found")


class TestSecrecy:
    def test_after_the_ceremony_the_key_is_nowhere_and_no_share_either(
        self, ceremony: Ceremony, folder: Path, database: Database
    ) -> None:
        words = ceremony.share_out()
        ceremony.vote()
        secret = shares.combine([words[PLATFORM], words[RESIDENTS]])
        assert secret is not None
        held = everything(folder, database)
        assert wiring_public(secret) in held  # the search finds what is there
        for spelled in spellings(secret):
            assert spelled not in held
        for each in words.values():
            assert each.encode() not in held
            assert " ".join(each.split()[5:9]).encode() not in held

    def test_entered_shares_are_in_the_key_store_alone(
        self, ceremony: Ceremony, database: Database, folder: Path
    ) -> None:
        words = ceremony.share_out()
        ceremony.vote()
        for holder in (PLATFORM, RESIDENTS):
            ok(ceremony.enter(holder, words[holder]))
        stored = rows(database)
        for each in words.values():
            assert " ".join(each.split()[5:9]) not in stored
        kept = b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert words[PLATFORM].encode() in kept
        assert words[SUBDISTRICT].encode() not in kept


def wiring_public(secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
