"""What somebody can have of what is kept about their objections, and how it is forgotten."""

import uuid

from app.access.models import Account
from app.core import clock
from app.objections import service
from app.objections.models import Objection
from tests.callers import Callers
from tests.objection_story import DAY, FILED, WORDS, Case
from tests.story import csv_bytes, ok, phone, roster_row


def account_of(callers: Callers, number: int) -> uuid.UUID:
    found = callers.resident_actor(phone(number)).account_id
    assert found is not None
    return found


class TestExporting:
    def test_everything_said_and_every_look_but_no_notes_of_others(self, assigned: Case) -> None:
        ok(assigned.post("views", assigned.mediator, {"purpose": "准备上门"}))
        ok(assigned.post("entries", assigned.mediator, {"kind": "note", "text": "先看现场"}))
        callers = assigned.story.callers
        with callers.database.reading() as session:
            (kept,) = service.export_of(session, account_id=account_of(callers, 3))
            assert service.export_of(session, account_id=account_of(callers, 4)) == []
            assert service.export_of(session, account_id=uuid.uuid4()) == []
        assert kept["id"] == assigned.id
        assert kept["filed_as"]["phone"] == phone(3)
        assert [entry["kind"] for entry in kept["entries"]] == ["grounds", "effect", "wish", "assigned"]
        assert [look["purpose"] for look in kept["looks"]] == ["准备上门"]

    def test_staff_have_no_objections(self, assigned: Case) -> None:
        with assigned.story.callers.database.reading() as session:
            assert service.export_of(session, account_id=assigned.mediator_id) == []


class TestForgetting:
    def forget(self, case: Case, number: int = 3) -> int:
        callers = case.story.callers
        account = account_of(callers, number)
        with callers.database.writing() as session:
            return service.forget(session, account_id=account)

    def row(self, case: Case) -> Objection:
        with case.story.callers.database.reading() as session:
            row = session.get(Objection, uuid.UUID(case.id))
            assert row is not None
            return row

    def test_who_it_was_and_what_they_said_is_gone(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assigned.offer("灯罩朝下")
            assert self.forget(assigned) == 1
            row = self.row(assigned)
            assert (row.state.value, row.identity) == ("withdrawn", "{}")
            client = assigned.story.client
            assert ok(client.get("/api/v1/me/objections", headers=assigned.home()))["items"] == []
            seen = ok(assigned.post("views", assigned.officer_now(), {"purpose": "整理归档"}))
            assert seen["objector"] == {"name": "", "phone": None, "dwelling": ""}
            assert WORDS not in str(seen)
            assert [each["text"] for each in seen["entries"] if each["text"]] == ["灯罩朝下"]

    def test_nobody_is_told_anything_afterwards(self, assigned: Case) -> None:
        self.forget(assigned)
        with assigned.story.callers.database.reading() as session:
            assert service.household_accounts(session, objection_id=uuid.UUID(assigned.id)) == []

    def test_the_household_can_object_anew(self, assigned: Case) -> None:
        self.forget(assigned)
        path = f"/api/v1/projects/{assigned.project}/objections"
        again = ok(assigned.story.client.post(path, json={"grounds": "还是不同意"}, headers=assigned.home()))
        assert again["id"] != assigned.id

    def test_an_open_case_goes_on_where_the_household_has_another_account(self, case: Case) -> None:
        spouse = roster_row(3, 姓名="家人", 手机=phone(900), 户代表="否")
        rows = [roster_row(number) for number in range(12)]
        case.story.import_roster(csv_bytes([*rows, spouse]))
        other = account_of(case.story.callers, 900)
        assert self.forget(case) == 1
        row = self.row(case)
        assert row.state.value == "filed"
        assert phone(3) not in row.identity
        assert "居民3" not in row.identity
        with case.story.callers.database.reading() as session:
            assert other in service.household_accounts(session, objection_id=row.id)
        seen = ok(case.story.client.get("/api/v1/me/objections", headers=case.story.resident(900)))
        assert [each["id"] for each in seen["items"]] == [case.id]

    def test_others_forget_nothing_of_it(self, case: Case) -> None:
        assert self.forget(case, 4) == 0
        assert case.mine()["state"] == "filed"

    def test_an_account_without_a_phone_filed_nothing(self, case: Case) -> None:
        with case.story.callers.database.writing() as session:
            assert service.forget(session, account_id=case.mediator_id) == 0
            assert session.get(Account, case.mediator_id) is not None
