"""Standard Webhooks, to the letter."""

import pytest

from app.core.signer import Signer
from app.gateway import rules

#: The example of the Standard Webhooks reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
STAMP = 1_614_265_330
BODY = b'{"test": 2432232314}'
EXPECTED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


class TestHmacSignature:
    def test_the_reference_example(self) -> None:
        content = rules.signed_content(MESSAGE, STAMP, BODY)
        assert rules.hmac_signature(SECRET, content) == EXPECTED

    def test_every_part_is_signed(self) -> None:
        contents = {
            rules.signed_content(*each)
            for each in (
                (MESSAGE, STAMP, BODY),
                ("msg_other", STAMP, BODY),
                (MESSAGE, STAMP + 1, BODY),
                (MESSAGE, STAMP, BODY + b" "),
            )
        }
        assert len({rules.hmac_signature(SECRET, content) for content in contents}) == 4


class TestPublicKey:
    def test_there_and_back(self) -> None:
        key = Signer(bytes(range(32))).public_key
        assert rules.read_public_key(rules.public_key_text(key)) == key

    @pytest.mark.parametrize(
        "text", ["", "whpk_", "whpk_!!!!", "whpk_AAAA", "whsec_" + "A" * 43 + "=", "A" * 43 + "=", "whpk_共"]
    )
    def test_anything_else_is_none(self, text: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - its message is the text itself
            rules.read_public_key(text)
