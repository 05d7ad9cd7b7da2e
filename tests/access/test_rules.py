"""Who may do what where; what a phone and a password are."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.actor import ANONYMOUS, SYSTEM, AccountKind, Actor, Grant
from app.access.divisions import WHOLE_COUNTRY, contains, level, significant
from app.access.errors import PasswordTooWeak, PhoneMalformed, RoleNotGrantable, SupervisorInCommittee
from app.access.matrix import MATRIX, roles_for
from app.access.roles import GRANTABLE, RC_ROLES, SCOPES, Role
from app.access.rules import check_grant, check_password, normal_phone

GUIYANG, NANMING, HUAGUOYUAN, COMMUNITY = "520100000000", "520102000000", "520102031000", "520102031006"


class TestContains:
    @pytest.mark.parametrize(
        ("outer", "inner", "answer"),
        [
            (WHOLE_COUNTRY, COMMUNITY, True), (GUIYANG, COMMUNITY, True), (NANMING, COMMUNITY, True),
            (HUAGUOYUAN, COMMUNITY, True), (COMMUNITY, COMMUNITY, True), (COMMUNITY, HUAGUOYUAN, False),
            (HUAGUOYUAN, "520102032001", False), (NANMING, "520103001001", False), (GUIYANG, GUIYANG, True),
            ("520000000000", GUIYANG, True), (COMMUNITY, "520102031007", False), (COMMUNITY, WHOLE_COUNTRY, False),
        ],
    )  # fmt: skip
    def test_examples(self, outer: str, inner: str, answer: bool) -> None:  # noqa: FBT001 - a column of the table
        assert contains(outer, inner) is answer

    CODES = st.tuples(
        st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 999), st.integers(0, 999)
    ).map(lambda parts: "{:02d}{:02d}{:02d}{:03d}{:03d}".format(*parts))

    @given(CODES, CODES, CODES)
    def test_it_is_an_order(self, a: str, b: str, c: str) -> None:
        assert contains(a, a)
        assert contains(WHOLE_COUNTRY, a)
        if contains(a, b) and contains(b, c):
            assert contains(a, c)
        if contains(a, b) and contains(b, a):
            assert significant(a) == significant(b)

    def test_levels(self) -> None:
        codes = [WHOLE_COUNTRY, "520000000000", GUIYANG, NANMING, HUAGUOYUAN, COMMUNITY]
        assert [level(code) for code in codes] == [0, 1, 2, 3, 4, 5]


class TestMay:
    def actor(self, *grants: Grant) -> Actor:
        return Actor(ref="account:x", kind=AccountKind.STAFF, grants=grants)

    def test_a_grant_covers_its_division_and_all_below(self) -> None:
        clerk = self.actor(Grant(Role.RC_STAFF, HUAGUOYUAN))
        assert clerk.may("project.publish", COMMUNITY)
        assert clerk.may("project.publish", HUAGUOYUAN)
        assert not clerk.may("project.publish", NANMING)
        assert not clerk.may("project.publish", "520102032001")

    def test_a_role_allows_its_verbs_alone(self) -> None:
        clerk = self.actor(Grant(Role.RC_STAFF, COMMUNITY))
        assert not clerk.may("round.certify", COMMUNITY)
        assert not clerk.may("account.create", COMMUNITY)

    def test_roles_do_not_mix_across_divisions(self) -> None:
        both = self.actor(Grant(Role.RC_CHAIR, COMMUNITY), Grant(Role.AUDITOR, GUIYANG))
        assert both.may("audit.list", NANMING)
        assert not both.may("round.certify", NANMING)
        assert both.divisions_for("round.certify") == (COMMUNITY,)

    def test_public_verbs_are_everybodys(self) -> None:
        assert ANONYMOUS.may("project.list", COMMUNITY)
        assert not ANONYMOUS.may("project.publish", COMMUNITY)

    def test_the_service_itself_may_act(self) -> None:
        assert SYSTEM.may("round.close", COMMUNITY)
        assert not ANONYMOUS.is_system

    def test_an_unknown_verb_is_a_mistake_and_not_a_permission(self) -> None:
        with pytest.raises(KeyError):
            self.actor().may("round.bogus", COMMUNITY)

    def test_everybody_with_an_account_is_signed_in(self) -> None:
        import uuid

        bare = Actor(ref="account:x", kind=AccountKind.STAFF, account_id=uuid.uuid4())
        assert bare.roles == {Role.PUBLIC, Role.SIGNED_IN}
        assert ANONYMOUS.roles == {Role.PUBLIC}
        assert bare.roles & roles_for("me.read")


class TestMatrix:
    def test_verbs_are_noun_and_act(self) -> None:
        for verb in MATRIX:
            parts = verb.split(".")
            assert len(parts) in {2, 3}, verb
            assert all(part.replace("_", "").isalpha() and part.islower() for part in parts), verb

    def test_every_verb_is_somebodys(self) -> None:
        assert all(MATRIX.values())

    def test_no_scope_of_a_machine_reaches_ballots_roll_or_objections(self) -> None:
        for verb, roles in MATRIX.items():
            if verb.split(".")[0] in {
                "ballot",
                "roster",
                "resident",
                "objection",
                "registration",
                "participation",
            }:
                assert not roles & SCOPES, verb

    def test_an_administrator_sees_no_content(self) -> None:
        private = {"roster", "resident", "ballot", "participation", "registration", "turnout"}
        for verb, roles in MATRIX.items():
            if verb.split(".")[0] in private or verb in {"objection.view_case", "objection.list_cases"}:
                assert Role.ADMINISTRATOR not in roles, verb

    def test_only_the_two_designated_roles_see_a_case_and_a_neighbour_who_was_accepted(self) -> None:
        """To every other resident a case is missing: tests/objections/test_volunteers.py."""
        for verb in ("objection.view_case", "objection.list_cases"):
            assert MATRIX[verb] == {Role.OBJECTION_OFFICER, Role.MEDIATOR, Role.RESIDENT}
        assert MATRIX["objection.read_statistics"].isdisjoint({Role.RESIDENT, Role.ADMINISTRATOR})

    def test_casting_is_for_residents_alone_by_phone_or_paper_code(self) -> None:
        for verb in ("ballot.cast", "ballot.withdraw", "participation.read"):
            assert MATRIX[verb] == {Role.RESIDENT, Role.CODE_HOLDER, Role.HELPER}


class TestNormalPhone:
    @pytest.mark.parametrize(
        "text",
        [
            "13800138000", " 138 0013 8000 ", "138-0013-8000", "+8613800138000", "+86 138-0013-8000", "008613800138000",
            "１３８００１３８０００", "＋８６１３８００１３８０００", "138　0013　8000", "\t13800138000\n",
        ],
    )  # fmt: skip
    def test_however_it_is_written(self, text: str) -> None:
        assert normal_phone(text) == "13800138000"

    @pytest.mark.parametrize(
        "text",
        [
            "", "1380013800", "138001380000", "12800138000", "23800138000", "13800l38000", "一三八", "1380013800٠",
            "13800138000\0", "+1 3800138000", "13800138000;13900139000", "²3800138000", "8613800138000",
        ],
    )  # fmt: skip
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(PhoneMalformed):
            normal_phone(text)

    @given(st.text(max_size=40))
    def test_no_text_is_a_crash_and_every_number_is_ascii(self, text: str) -> None:
        try:
            number = normal_phone(text)
        except PhoneMalformed:
            return
        assert number.isascii()
        assert len(number) == 11
        assert normal_phone(number) == number


class TestCheckPassword:
    @pytest.mark.parametrize(
        "password", ["correct horse", "楼道照明改造方案一二三四", "a1!b2@c3#d4$", "x" * 123 + "abcde"]
    )
    def test_good_ones(self, password: str) -> None:
        check_password(password)

    @pytest.mark.parametrize(
        "password",
        ["", "short", "elevenchars", "aaaaaaaaaaaa", "abababababab", "123412341234", "x" * 124 + "abcde"],
    )
    def test_what_is_guessed_first(self, password: str) -> None:
        with pytest.raises(PasswordTooWeak) as raised:
            check_password(password)
        assert raised.value.facts == {"least": 12}


class TestCheckGrant:
    def test_people_get_roles_and_machines_get_scopes(self) -> None:
        for role in Role:
            for kind, allowed in (
                (AccountKind.STAFF, GRANTABLE), (AccountKind.PLATFORM, SCOPES),
                (AccountKind.RESIDENT, frozenset[Role]()),
            ):  # fmt: skip
                if role in allowed:
                    check_grant(kind, role, [])
                else:
                    with pytest.raises(RoleNotGrantable):
                        check_grant(kind, role, [])

    def test_nobody_is_made_public_signed_in_or_resident_by_grant(self) -> None:
        assert not GRANTABLE & {Role.PUBLIC, Role.SIGNED_IN, Role.RESIDENT}

    def test_a_supervisor_is_not_in_the_committee(self) -> None:
        for committee in RC_ROLES:
            for held, added in itertools.permutations((committee, Role.SUPERVISOR)):
                with pytest.raises(SupervisorInCommittee):
                    check_grant(AccountKind.STAFF, added, [held])
        check_grant(AccountKind.STAFF, Role.RC_CHAIR, [Role.RC_STAFF])
