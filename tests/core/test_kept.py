"""What is kept is kept briefly, and made once for a crowd."""

import threading
import time

import pytest

from app.core.errors import Unavailable
from app.core.kept import Kept


class TestKept:
    def test_made_once_while_young_and_anew_when_old(self) -> None:
        made: list[int] = []

        def make() -> int:
            made.append(1)
            return len(made)

        kept: Kept[str, int] = Kept(seconds=0.05, most=4)
        assert [kept.get("a", make) for _ in range(3)] == [1, 1, 1]
        time.sleep(0.06)
        assert kept.get("a", make) == 2

    def test_a_crowd_makes_it_once_and_nobody_waits_for_an_old_one(self) -> None:
        kept: Kept[str, int] = Kept(seconds=0.0, most=4)
        kept.get("a", lambda: 1)
        inside, go_on = threading.Event(), threading.Event()

        def slow() -> int:
            inside.set()
            go_on.wait(5)
            return 2

        maker = threading.Thread(target=kept.get, args=("a", slow))
        maker.start()
        inside.wait(5)
        assert kept.get("a", lambda: 3) == 1  # the old one, at once
        go_on.set()
        maker.join(5)

    def test_the_first_one_is_waited_for_and_not_forever(self) -> None:
        kept: Kept[str, int] = Kept(seconds=60, most=4, patience=0.05)
        inside, go_on = threading.Event(), threading.Event()

        def slow() -> int:
            inside.set()
            go_on.wait(5)
            return 2

        maker = threading.Thread(target=kept.get, args=("a", slow))
        maker.start()
        inside.wait(5)
        with pytest.raises(Unavailable):
            kept.get("a", lambda: 3)
        go_on.set()
        maker.join(5)
        assert kept.get("a", lambda: 3) == 2

    def test_what_fails_is_not_kept(self) -> None:
        kept: Kept[str, int] = Kept(seconds=60, most=4)
        with pytest.raises(ZeroDivisionError):
            kept.get("a", lambda: 1 // 0)
        assert kept.get("a", lambda: 5) == 5

    def test_the_one_asked_for_longest_ago_goes_first(self) -> None:
        kept: Kept[str, int] = Kept(seconds=60, most=2)
        for key in ("a", "b", "a", "c"):
            kept.get(key, lambda: 1)
        assert kept.get("a", lambda: 2) == 1
        assert kept.get("b", lambda: 2) == 2
