"""What is dear to make is made once, and forgotten when there is too much of it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core.errors import Unavailable
from app.core.recent import Recent


class TestGet:
    def test_the_last_ones_are_kept(self) -> None:
        recent: Recent[str, str] = Recent(2)
        made: list[str] = []

        def ask(key: str) -> str:
            def make() -> str:
                made.append(key)
                return key * 2

            return recent.get(key, make)

        assert [ask(key) for key in "abacab"] == ["aa", "bb", "aa", "cc", "aa", "bb"]
        assert made == ["a", "b", "c", "b"]

    def test_a_crowd_makes_it_once_and_does_not_keep_others_waiting(self) -> None:
        recent: Recent[str, int] = Recent(2)
        recent.get("here", lambda: 1)
        begun, go_on, made = threading.Event(), threading.Event(), []

        def slowly() -> int:
            begun.set()
            assert go_on.wait(10)
            made.append(1)
            return 2

        with ThreadPoolExecutor(8) as crowd:
            answers = [crowd.submit(recent.get, "dear", slowly) for _ in range(7)]
            assert begun.wait(10)
            assert crowd.submit(recent.get, "here", lambda: 3).result(timeout=10) == 1
            go_on.set()
            assert {answer.result(timeout=10) for answer in answers} == {2}
        assert made == [1]

    def test_what_fails_is_tried_again(self) -> None:
        recent: Recent[str, int] = Recent(1)

        def fail() -> int:
            raise OSError

        try:
            recent.get("a", fail)
        except OSError:
            assert recent.get("a", lambda: 4) == 4

    def test_who_waits_too_long_is_told_to_come_back(self) -> None:
        recent: Recent[str, int] = Recent(2, patience=0.05)
        begun, go_on = threading.Event(), threading.Event()

        def slowly() -> int:
            begun.set()
            assert go_on.wait(10)
            return 1

        first = threading.Thread(target=lambda: recent.get("slow", slowly))
        first.start()
        assert begun.wait(10)
        with pytest.raises(Unavailable):
            recent.get("other", lambda: 2)
        go_on.set()
        first.join()
        assert recent.get("other", lambda: 2) == 2
