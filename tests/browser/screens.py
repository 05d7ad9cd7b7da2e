"""Every screen of the residents' app on the demonstration neighbourhood: for the gates, and to look at."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from app.demo.build import phone_of
from app.demo.neighbourhood import COMMUNITY

LANGUAGES = ("zh-CN", "en")
MODES = ("normal", "elder")
#: What is drawn after the answers are there.
SETTLING_MS = 60


@dataclass(frozen=True)
class Seen:
    """One screen."""

    name: str
    #: What stands behind the #; ``{round}`` and other ids of `ids_of` are filled in.
    address: str
    signed_in: bool = False
    #: With the draft of a ballot, or the receipt of one, on this phone.
    draft: bool = False
    #: What must be visible when it has come up.
    shows: str = "#heading"
    #: What is tapped then, to open a sheet over it.
    tap: str = ""
    #: With a ballot on this phone that the service has refused.
    refused: bool = False


SCREENS = (
    Seen("home", "#/"),
    Seen("communities", "#/communities"),
    Seen("choose", "#/round/{open}"),
    Seen("rank", "#/round/{open}/rank", draft=True),
    Seen("review", "#/round/{open}/review", signed_in=True, draft=True),
    Seen("receipt", "#/round/{open}/receipt", signed_in=True),
    Seen("refused", "#/round/{open}/receipt", signed_in=True, refused=True, shows=".error"),
    Seen("filter", "#/projects", tap=".bar button"),
    Seen("share", "#/project/{project}", tap=".share"),
    Seen("nowhere", "#/nowhere"),
    Seen("leave", "#/leave"),
    Seen("board", "#/notices"),
    Seen("inbox", "#/me/notices", signed_in=True),
    Seen("notice-settings", "#/me/notice-settings", signed_in=True),
    Seen("ideas", "#/ideas"),
    Seen("ideas-answered", "#/ideas?show=answered", signed_in=True),
    Seen("idea", "#/idea/{idea}", signed_in=True, shows=".comments textarea"),
    Seen("idea-new", "#/ideas/new", signed_in=True),
    Seen("ideas-mine", "#/ideas/mine", signed_in=True),
    Seen("meetings", "#/meetings"),
    Seen("meeting", "#/meeting/{meeting}"),
    Seen("meeting-door", "#/door/ABCD2345", signed_in=True),
    Seen("projects", "#/projects"),
    Seen("project", "#/project/{project}", signed_in=True),
    Seen("project-in-a-round", "#/project/{project}?from=round&round={open}"),
    Seen("project-funded", "#/project/{funded}"),
    Seen("rounds", "#/rounds"),
    Seen("result", "#/result/{ended}"),
    Seen("decision", "#/decision/{decision}"),
    Seen("check", "#/check"),
    Seen("check-open", "#/check/{open}", signed_in=True),
    Seen("check-ended", "#/check/{ended}"),
    Seen("objections", "#/objections", signed_in=True),
    Seen("objection", "#/objection/{objection}", signed_in=True),
    Seen("objection-new", "#/objection/new/{project}", signed_in=True),
    Seen("volunteer", "#/volunteer", signed_in=True),
    Seen("volunteer-case", "#/volunteer/{objection}", signed_in=True),
    Seen("sign-in", "#/sign-in"),
    Seen("code", "#/code"),
    Seen("help", "#/help", signed_in=True),
    Seen("enter", "#/enter/a-ticket-that-was-used-before-now"),
    Seen("where", "#/where", signed_in=True),
    Seen("register", "#/register/{community}", signed_in=True),
    Seen("consent", "#/consent", signed_in=True),
    Seen("privacy", "#/privacy"),
    Seen("about", "#/about"),
    Seen("me", "#/me", signed_in=True),
    Seen("me-not-signed-in", "#/me"),
    Seen("receipts", "#/me/receipts", signed_in=True),
    Seen("household", "#/me/household", signed_in=True),
    Seen("devices", "#/me/devices", signed_in=True),
    Seen("my-data", "#/me/data", signed_in=True),
    Seen("my-data-export", "#/me/data/export", signed_in=True),
    Seen("my-data-delete", "#/me/data/delete", signed_in=True),
    Seen("type-a-code", "#/q"),
    Seen("a-code-that-is-none", "#/q/ZZZZZ"),
)


def ids_of(url: str, session: Mapping[str, Any]) -> dict[str, str]:
    """Ids the addresses need, asked of a service that tells the demonstration's story, in somebody's name."""
    with httpx.Client(base_url=url, timeout=20) as http:

        def get(path: str) -> Any:
            return http.get(path).raise_for_status().json()

        mine = http.get("/api/v1/me/objections", headers={"Authorization": f"Bearer {session['access']}"})

        overview = get(f"/api/v1/communities/{COMMUNITY}/overview")
        rounds = get(f"/api/v1/rounds?division={COMMUNITY}&limit=50")["items"]
        over = [each for each in rounds if each["status"] in {"announced", "certified"}]
        ended = next(each["id"] for each in over if not each["recorded"])
        meetings = get(f"/api/v1/meetings?division={COMMUNITY}")["items"]
        return {
            "community": COMMUNITY,
            "open": overview["open"][0]["id"],
            "ended": ended,
            "decision": next(each["id"] for each in over if each["recorded"]),
            "funded": get(f"/api/v1/rounds/{ended}/result")["projects"][0]["project_id"],
            "project": get(f"/api/v1/rounds/{overview['open'][0]['id']}/projects")["items"][0]["project_id"],
            "meeting": meetings[-1]["id"],
            "objection": mine.raise_for_status().json()["items"][0]["id"],
            "idea": get(f"/api/v1/ideas?community={COMMUNITY}&show=under_review")["items"][0]["id"],
        }


def session_of(url: str, number: int) -> dict[str, Any]:
    """What a phone keeps when somebody of the demonstration has signed in."""
    with httpx.Client(base_url=url, timeout=20) as http:
        sent = http.post("/api/v1/auth/codes", json={"phone": phone_of(number)}).raise_for_status().json()
        code = {"challenge_id": sent["challenge_id"], "code": sent["development_code"]}
        tokens = http.post("/api/v1/auth/tokens", json=code).raise_for_status().json()
        head = {"Authorization": f"Bearer {tokens['access_token']}"}
        who = http.get("/api/v1/me", headers=head).raise_for_status().json()["account_id"]
        asked = http.get("/api/v1/me/consents", headers=head).raise_for_status().json()["asked"]
        for each in asked:
            consent = f"/api/v1/me/consents/{each['kind']}"
            http.put(consent, json={"version": each["version"]}, headers=head).raise_for_status()
    until = 4_102_444_800_000  # the access token outlives the test
    return {"access": tokens["access_token"], "refresh": tokens["refresh_token"], "until": until, "who": who}


@contextmanager
def phone(chromium: Browser, *, language: str = "zh-CN") -> Iterator[Page]:
    """A phone of 360 x 640 points at two pixels a point."""
    context = chromium.new_context(
        viewport={"width": 360, "height": 640},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale=language,
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def keep(page: Page, *, of: str | None = None, **kept: object) -> None:
    """Put something into what the phone remembers; ``a__b`` is the key ``a.b``.

    With ``of`` it belongs to that account; ``-`` is whoever has not signed in.
    """
    prefix = "" if of is None else f"of.{of}."
    page.evaluate(
        "kept => { for (const key in kept) localStorage.setItem('gongyi.' + key, JSON.stringify(kept[key])); }",
        {prefix + key.replace("__", "."): value for key, value in kept.items()},
    )


def forget(page: Page, *keys: str) -> None:
    """Take something out of what the phone remembers."""
    page.evaluate("keys => keys.forEach(key => localStorage.removeItem('gongyi.' + key))", list(keys))


@dataclass
class Walk:
    """A phone that goes from screen to screen, signed in or not as each wants."""

    page: Page
    url: str
    ids: Mapping[str, str]
    session: Mapping[str, Any]
    language: str
    mode: str

    @classmethod
    def of(cls, page: Page, url: str, *, language: str, mode: str, number: int = 0) -> "Walk":
        """A phone of the demonstration's resident ``number``, who has cast a ballot on it."""
        session = session_of(url, number)
        walk = cls(page, url, ids_of(url, session), session, language, mode)
        walk.begin()
        return walk

    def begin(self) -> None:
        """Settings of the phone, a ballot that was cast on it."""
        self.page.goto(f"{self.url}/app/icon.svg")
        keep(self.page, mode=self.mode, language=self.language, community=COMMUNITY, session=self.session)
        keep(self.page, of=self.session["who"], **{f"draft__{self.ids['open']}": self._ranking()})
        self.page.goto(f"{self.url}/app/#/round/{self.ids['open']}/review")
        self.page.locator("#cast").click()
        self.page.wait_for_selector(".envelope")

    def _ranking(self) -> list[str]:
        with httpx.Client(base_url=self.url, timeout=20) as http:
            listed = http.get(f"/api/v1/rounds/{self.ids['open']}/projects").json()["items"]
        return [each["project_id"] for each in listed if not each["forced_in"]][:3]

    def show(self, screen: Seen) -> None:
        """Open a screen afresh, and wait until it has come up."""
        page = self.page
        page.goto(f"{self.url}/app/icon.svg")
        if screen.signed_in:
            keep(page, session=self.session)
        else:
            forget(page, "session")
        parcel = f"of.{self.session['who']}.outbox.refused"
        if screen.refused:
            keep(page, of=self.session["who"], outbox__refused=self._refused())
        else:
            forget(page, parcel)
        page.goto(f"{self.url}/app/{screen.address.format(**self.ids)}")
        page.wait_for_selector(screen.shows)
        expect(page.locator(".loading")).to_have_count(0)
        page.wait_for_timeout(SETTLING_MS)
        if screen.tap and (
            self.mode == "normal" or page.locator(screen.tap).count()
        ):  # elders are shown less
            page.locator(screen.tap).first.click()
            page.wait_for_selector("[role=dialog]")

    def _refused(self) -> dict[str, object]:
        return {
            "id": "refused", "kind": "ballot", "method": "PUT", "path": "", "body": {"ranking": [], "secret": ""},
            "subject": self.ids["open"], "key": "", "who": self.session["who"], "at": 0, "tries": 1,
            "problem": {"code": "round_closed", "sentence": "投票已截止。"},
        }  # fmt: skip


def file_name(screen: Seen, language: str, mode: str) -> str:
    """Where a picture of a screen is put."""
    return f"{re.sub('[^a-z0-9-]', '-', screen.name)}.{language}.{mode}.png"
