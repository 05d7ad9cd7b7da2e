"""The residents' app on a slow phone over a slow line, beside the least such a page can be.

``make bench-front``. The real server with the built app and the demonstration neighbourhood, the machine's Chromium as
a Moto G4: 360 x 640 at three pixels a point, the processor six times slower, 1.6 Mbit/s down, 750 kbit/s up, 150 ms a
round trip. Cold loads (a fresh browser context each: nothing kept) of the app and of the reference page
(``front_reference/``: Vue, one answer, a button; built and served the same way) take turns; medians are printed. Trust
the ratios.

Content is there when the open round's heading and its button have been drawn; the next screen when the first project of
the list has been, counted from a tap some seconds later. Both moments are noted within the page, by ``front_watch.js``.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from app.demo.neighbourhood import COMMUNITY
from app.demo.processes import Processes, free_port

HERE = Path(__file__).parent
ROOT = HERE.parent
RESULT = ROOT / "var" / "bench-frontend.json"

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 640}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True,
    "locale": "zh-CN",
}  # fmt: skip
CPU_SLOWER = 6
LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}

CONTENT_MS = 2_000
NEXT_MS = 300
#: How long somebody looks at the first screen before the tap; what the app fetches ahead meanwhile is fair.
READING_MS = 3_000
#: What others may use of a core before nothing is judged.
BUSY = 0.45

BUTTON = "article .button"
#: Elements that must all be drawn: the open round's heading and button; the list behind it.
WANTED = {"content": ["article h2", BUTTON], "next": [".pick"]}


#: What is told of a load, but for its bytes.
FIGURES = {
    "first_paint_ms": "first paint, ms",
    "content_ms": "content, ms",
    "next_ms": "next screen, ms",
    "requests": "requests",
    "ahead_requests": "requests ahead",
    "next_requests": "requests of the next screen",
    "heap_mb": "JS heap, MB",
}


@dataclass(frozen=True)
class Load:
    """One cold load and the tap that follows it; milliseconds and bytes as they travel."""

    first_paint_ms: float
    content_ms: float
    next_ms: float
    requests: int
    bytes_by_type: Mapping[str, int]
    ahead_requests: int
    next_requests: int
    heap_mb: float


def main() -> None:
    """Print the table, keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--loads", type=int, default=9)
    parser.add_argument("--dist", type=Path, default=ROOT / "frontend" / "resident" / "dist")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gongyi-bench-") as name:
        folder = Path(name)
        reference = build_reference(folder / "reference")
        environment = {"GONGYI_MODE": "development", "GONGYI_HOME": str(folder / "home")}
        seed(environment)
        with Processes(environment, folder / "logs") as processes:
            addresses = {
                name: serve(processes, name, dist)
                for name, dist in (("app", asked.dist), ("reference", reference))
            }
            processor = Processor()
            loads, version = measure(addresses, asked.loads, processor)
            others = processor.others()
    report(loads, version, others)


def build_reference(out: Path) -> Path:
    """The reference page, by the app's own settings."""
    subprocess.run(
        [
            sys.executable, str(ROOT / "scripts" / "node.py"), "node",
            str(ROOT / "frontend" / "node_modules" / "vite" / "bin" / "vite.js"), "build",
            str(HERE / "front_reference"), "--outDir", str(out), "--emptyOutDir", "--logLevel", "error",
        ],
        check=True, cwd=HERE / "front_reference",
    )  # fmt: skip
    return out


def seed(environment: Mapping[str, str]) -> None:
    """The demonstration neighbourhood."""
    for verb in ("migrate", "demo"):
        subprocess.run(
            [sys.executable, "-m", "app.cli", verb], env={**os.environ, **environment}, check=True, cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip


def serve(processes: Processes, name: str, dist: Path) -> str:
    """Start a server with one of the two front ends; the page's address."""
    port = free_port()
    os.environ["GONGYI_FRONTEND"] = str(dist)
    processes.start(name, "serve", "--port", str(port))
    processes.wait_until_up(name, f"http://127.0.0.1:{port}/healthz")
    return f"http://127.0.0.1:{port}/app/?community={COMMUNITY}"


def measure(
    addresses: Mapping[str, str], loads: int, processor: "Processor"
) -> tuple[dict[str, list[Load]], str]:
    """Cold loads in turns, after one of each that only wakes the servers up."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    found: dict[str, list[Load]] = {name: [] for name in addresses}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("GONGYI_CHROMIUM") or chromium,
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        )
        for turn in range(loads + 1):
            for name, address in addresses.items():
                load = load_once(browser, address, processor)
                if turn:
                    found[name].append(load)
                    print(f"  {name} {load.content_ms:,.0f} ms", file=sys.stderr)
        version = browser.version
        browser.close()
    return found, version


def load_once(browser: Browser, address: str, processor: "Processor") -> Load:
    """Open the page in a fresh context, wait until nothing happens, tap."""
    context = browser.new_context(**PHONE)
    try:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.add_init_script(f"window.wanted = {json.dumps(WANTED)};")
        page.add_init_script(path=HERE / "front_watch.js")
        session = context.new_cdp_session(page)
        traffic = Traffic(session)
        session.send("Performance.enable")
        session.send("Network.emulateNetworkConditions", LINE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
        page.goto(address)
        wait_for(page, "content")
        page.wait_for_load_state("networkidle")
        first = Counter(traffic.bytes_by_type)
        requests = traffic.requests
        session.send("HeapProfiler.collectGarbage")
        heap = next(
            each["value"]
            for each in session.send("Performance.getMetrics")["metrics"]
            if each["name"] == "JSHeapUsedSize"
        )
        page.wait_for_timeout(READING_MS)
        ahead = traffic.requests
        page.locator(BUTTON).first.tap()
        wait_for(page, "next")
        noted: dict[str, float] = page.evaluate("window.seen")
        return Load(
            first_paint_ms=noted["first-contentful-paint"],
            content_ms=noted["content"],
            next_ms=noted["next"] - noted["tap"],
            requests=requests,
            bytes_by_type=dict(first),
            ahead_requests=ahead - requests,
            next_requests=traffic.requests - ahead,
            heap_mb=heap / 1_000_000,
        )
    finally:
        processor.look()
        context.close()


def wait_for(page: Page, moment: str) -> None:
    """Until the page has noted a moment."""
    page.wait_for_function("moment => typeof window.seen[moment] === 'number'", arg=moment)


class Traffic:
    """What goes over the line: counted as it travels, headers and compression included."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes_by_type: Counter[str] = Counter()
        self.requests = 0
        self._types: dict[str, str] = {}
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.requests += 1
            self._types[event["requestId"]] = event.get("type", "Other")

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._types:
            self.bytes_by_type[self._types[event["requestId"]]] += int(event["encodedDataLength"])


class Processor:
    """Who used the processor since: others, or we with the servers and the browser we started."""

    def __init__(self) -> None:
        self._ours: dict[tuple[int, float], float] = {}
        self.look()
        self._began = time.monotonic(), _everybody(), sum(self._ours.values())

    def look(self) -> None:
        """Note what our processes have used; to be called while they live, because the dead tell nothing."""
        for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
            try:
                times = process.cpu_times()
                self._ours[process.pid, process.create_time()] = times.user + times.system
            except psutil.NoSuchProcess:
                continue

    def others(self) -> float:
        """Cores that others used."""
        self.look()
        began, everybody, ours = self._began
        used = _everybody() - everybody - (sum(self._ours.values()) - ours)
        return max(0.0, used) / (time.monotonic() - began)


def _everybody() -> float:
    times = psutil.cpu_times()
    return times.user + times.nice + times.system


def report(loads: Mapping[str, list[Load]], version: str, others: float) -> None:
    """Print medians and ratios, and write them down with every load."""
    median = {
        name: {figure: statistics.median(getattr(each, figure) for each in rows) for figure in FIGURES}
        for name, rows in loads.items()
    }
    print(
        f"Chromium {version}, median of {len(loads['app'])} cold loads; others used {others:.2f} cores meanwhile"
    )
    print(f"{'':30}{'app':>10}{'reference':>12}{'ratio':>8}")
    for figure, words in FIGURES.items():
        ours, theirs = median["app"][figure], median["reference"][figure]
        ratio = f"{ours / theirs:8.2f}" if theirs else ""
        print(f"{words:30}{ours:10,.1f}{theirs:12,.1f}{ratio}")
    kinds = sorted({kind for rows in loads.values() for each in rows for kind in each.bytes_by_type})
    for kind in [*kinds, "all"]:
        ours, theirs = (bytes_of(loads[name], kind) for name in ("app", "reference"))
        ratio = f"{ours / theirs:8.2f}" if theirs else ""
        print(f"{'bytes, ' + kind.lower():30}{ours:10,.0f}{theirs:12,.0f}{ratio}")
    if others > BUSY:
        print(f"Nothing is judged: others used more than {BUSY} of a core.")
    else:
        for words, figure, limit in (
            ("content", "content_ms", CONTENT_MS),
            ("next screen", "next_ms", NEXT_MS),
        ):
            reached = "reached" if median["app"][figure] <= limit else "NOT reached"
            print(f"goal: {words} within {limit:,} ms: {reached}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        json.dumps(
            {
                "chromium": version,
                "others": others,
                "median": median,
                "loads": {name: [asdict(each) for each in rows] for name, rows in loads.items()},
            },
            indent=1,
        )
    )


def bytes_of(rows: list[Load], kind: str) -> float:
    """Median bytes of one type, or of all."""
    return statistics.median(
        sum(each.bytes_by_type.values()) if kind == "all" else each.bytes_by_type.get(kind, 0)
        for each in rows
    )


if __name__ == "__main__":
    main()
