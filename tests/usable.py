"""What stands in the way of people who see, hear or move differently."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: Colours are judged when everything that fades in or slides has come to rest; what turns for ever is not waited for.
_AT_REST = """() => document.getAnimations().every(each =>
    each.playState !== 'running' || each.effect?.getComputedTiming().endTime === Infinity)"""


def barriers(page: Page, within: str | None = None) -> list[str]:
    """Serious and critical findings of axe on the page, or on a part of it, in words; empty when there are none."""
    page.wait_for_function(_AT_REST)
    return [
        f"axe {each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in Axe()
        .run(page, context=within, options={"resultTypes": ["violations"]})
        .response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
