"""Where a message may go. Nothing here asks a real name server."""

import pytest

from app.gateway import targets
from app.gateway.errors import NameUnknown, TargetRefused
from app.gateway.targets import check, is_public

PUBLIC = "8.8.8.8"
_real = targets.look_up


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names of the test; numbers are read by the system's own resolver, which asks nobody for them."""
    known: dict[str, list[str]] = {
        "street.example": [PUBLIC],
        "localhost": ["127.0.0.1"],
        "localhost.": ["127.0.0.1"],
        "rebinds.example": ["127.0.0.1"],
        "one-bad.example": [PUBLIC, "10.0.0.5"],
        "six.example": ["2606:4700::1111"],
        "six-private.example": ["fd00::1"],
        "metadata.example": ["169.254.169.254"],
    }

    def resolve(host: str, port: int) -> list[str]:
        if host in known:
            return known[host]
        if any(letter in "ghijklmnopqrstuvwyz" for letter in host.lower()):
            raise NameUnknown
        return _real(host, port)

    monkeypatch.setattr(targets, "look_up", resolve)
    return known


class TestCheck:
    @pytest.mark.parametrize(
        ("url", "host_header", "port", "path"),
        [
            ("https://street.example/hook", "street.example", 443, "/hook"),
            ("https://street.example", "street.example", 443, "/"),
            ("https://street.example:443/a?b=c&d=%20", "street.example", 443, "/a?b=c&d=%20"),
            ("https://street.example:8443/a/../b", "street.example:8443", 8443, "/a/../b"),
        ],
    )
    def test_an_ordinary_address(self, url: str, host_header: str, port: int, path: str) -> None:
        found = check(url, allow_private=False)
        assert (found.scheme, found.host_header, found.port, found.path, found.addresses) == (
            "https", host_header, port, path, (PUBLIC,),
        )  # fmt: skip

    def test_version_six(self) -> None:
        assert check("https://six.example/", allow_private=False).addresses == ("2606:4700::1111",)
        literal = check("https://[2606:4700::1111]:8443/", allow_private=False)
        assert (literal.host, literal.host_header) == ("2606:4700::1111", "[2606:4700::1111]:8443")

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1",
            "0.0.0.0", "0",  # noqa: S104 - refused here
            "10.0.0.5", "172.16.3.4", "192.168.1.1", "100.64.0.1", "169.254.169.254", "2852039166",
            "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.9",
            "localhost", "localhost.", "LOCALHOST", "rebinds.example", "one-bad.example", "six-private.example",
            "metadata.example",
            "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]", "[::ffff:10.0.0.5]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a00:5]",
            "[2002:7f00:1::]", "[2002:a00:5::1]", "[2001:db8::1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
            "[::ffff:169.254.169.254]", "[fec0::1]", "[64:ff9b:1::808:808]", "[::8.8.8.8]", "[100::1]",
        ],
    )  # fmt: skip
    def test_never_this_machine_or_a_private_network(self, host: str) -> None:
        with pytest.raises(TargetRefused) as caught:
            check(f"https://{host}/hook", allow_private=False)
        assert caught.value.facts["reason"] == "it leads to this machine or a private network"

    @pytest.mark.parametrize(
        "url",
        [
            "", "street.example", "//street.example/", "ftp://street.example/", "file:///etc/passwd",
            "gopher://street.example/", "javascript:alert(1)", "HTTP://street.example/", "http://street.example/",
            "https://", "https:///path", "https://user@street.example/", "https://user:pw@street.example/",
            "https://street.example@127.0.0.1/", "https://127.0.0.1@street.example/", "https://@street.example/",
            "https://street.example/#@127.0.0.1/", "https://street.example#", "https://street.example\\@127.0.0.1/",
            "https:\\\\street.example/", "https://street.example /", "https://street.example/\r\nHost: a",
            "https://street.example/\0", "https://street.example:99999/", "https://street.example:-1/",
            "https://street.example:0/", "https://street.example:/", "https://street.example:x/",
            "https://街道.example/", "https://[::1/", "https://[fe80::1%25lo]/", "https://%31%32%37.0.0.1/",
            "https://street.example/" + "a" * 500, "https://-street.example/", "https://str eet.example/",
        ],
    )  # fmt: skip
    def test_no_plain_https_address(self, url: str) -> None:
        with pytest.raises(TargetRefused):
            check(url, allow_private=False)

    def test_a_name_nobody_knows(self) -> None:
        with pytest.raises(NameUnknown):
            check("https://nothing.example/", allow_private=False)

    @pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", ".example"])
    def test_what_cannot_be_a_name(self, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
        """The system's resolver raises something of its own for these, before it asks anybody."""
        monkeypatch.setattr(targets, "look_up", _real)
        with pytest.raises((NameUnknown, TargetRefused)):
            check(f"https://{host}/", allow_private=False)

    def test_in_development_one_may_talk_to_oneself(self) -> None:
        found = check("http://127.0.0.1:8100/webhook", allow_private=True)
        assert (found.scheme, found.addresses, found.host_header) == (
            "http",
            ("127.0.0.1",),
            "127.0.0.1:8100",
        )
        with pytest.raises(TargetRefused):
            check("ftp://127.0.0.1/", allow_private=True)

    def test_every_answer_of_the_name_server_counts(self, names: dict[str, list[str]]) -> None:
        names["street.example"] = [PUBLIC, "1.1.1.1", PUBLIC]
        assert check("https://street.example/", allow_private=False).addresses == (PUBLIC, "1.1.1.1")
        names["street.example"].append("::1")
        with pytest.raises(TargetRefused):
            check("https://street.example/", allow_private=False)
        names["street.example"] = []
        with pytest.raises(TargetRefused):
            check("https://street.example/", allow_private=False)


class TestIsPublic:
    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
    def test_public(self, address: str) -> None:
        assert is_public(address)

    @pytest.mark.parametrize("address", ["fe80::1%eth0", "::1", "127.0.0.1", "224.0.0.251", "ff0e::1"])
    def test_not(self, address: str) -> None:
        assert not is_public(address)
