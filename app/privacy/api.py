"""Routes of one's own data."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from app.access.actor import Actor
from app.access.deps import CacheDep, may
from app.access.errors import SignInNotFresh
from app.core.web import ETagMissing, Reading, Writing, cacheable, language_of, problems
from app.privacy import notice, service
from app.privacy.errors import ExportsUsedUp, NoticeOutdated, PlanOutdated
from app.privacy.rules import ConsentKind
from app.privacy.schemas import (
    ConsentAsked,
    ConsentIn,
    ConsentList,
    ConsentOut,
    DeletionLine,
    DeletionPlanOut,
    ExportSection,
    MyDataOut,
    NoticeOut,
    NoticeSection,
    ParticipationItem,
    ParticipationList,
)
from app.privacy.service.readable import as_zip

router = APIRouter(prefix="/api/v1", tags=["my data"])


@router.get("/privacy-notice", response_model=NoticeOut)
def read_privacy_notice(
    request: Request,
    actor: Annotated[Actor, may("privacy_notice.read")],  # noqa: ARG001
) -> Response:
    """Who handles what about you, why, for how long, and what you can do about it."""
    language = language_of(request)
    out = NoticeOut(
        version=notice.VERSION,
        since=notice.SINCE,
        language=language,
        title=notice.TITLE[language],
        short=list(notice.SHORT[language]),
        sections=[NoticeSection.model_validate(each) for each in notice.SECTIONS[language]],
    )
    answer = cacheable(request, out.model_dump_json().encode(), seconds=300)
    answer.headers["Vary"] = "Accept-Language"
    answer.headers["Content-Language"] = language
    return answer


@router.get("/me/consents", response_model=ConsentList)
def list_my_consents(reading: Reading, actor: Annotated[Actor, may("consent.list_mine")]) -> ConsentList:
    """What you agreed to, and what you are yet to be asked."""
    with reading as session:
        found = service.my_consents(session, actor=actor)
        return ConsentList(
            items=[ConsentOut.model_validate(row) for row in found.given],
            asked=[ConsentAsked(kind=kind, version=version) for kind, version in found.asked.items()],
        )


@router.put("/me/consents/{kind}", response_model=ConsentOut, responses=problems(NoticeOutdated))
def give_consent(
    kind: ConsentKind, body: ConsentIn, writing: Writing, actor: Annotated[Actor, may("consent.give")]
) -> ConsentOut:
    """Agree to the version you have read."""
    with writing as session:
        row = service.give_consent(session, kind=kind, version=body.version, actor=actor)
        return ConsentOut.model_validate(row)


@router.delete("/me/consents/{kind}", status_code=204)
def withdraw_consent(
    kind: ConsentKind, writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("consent.withdraw")]
) -> Response:
    """Take your consent back; you are signed out everywhere, and asked again when you next sign in."""
    with writing as session:
        service.withdraw_consent(session, kind=kind, actor=actor)
    cache.clear()
    return Response(status_code=204)


@router.get("/me/data", response_model=MyDataOut, responses=problems(SignInNotFresh, ExportsUsedUp))
def export_my_data(
    request: Request, writing: Writing, response: Response, actor: Annotated[Actor, may("my_data.export")]
) -> MyDataOut:
    """Everything the service keeps of you, in words and as it is kept; needs a sign-in of the last minutes."""
    language = language_of(request)
    with writing as session:
        data = service.export_my_data(session, language=language, actor=actor)
    response.headers["Content-Language"] = language
    return MyDataOut(
        made_at=data.made_at,
        language=data.language,
        sections=[ExportSection.model_validate(section) for section in data.sections],
    )


@router.get(
    "/me/data.zip", response_class=Response, responses=problems(SignInNotFresh, ExportsUsedUp)
)  # fmt: skip
def export_my_data_as_files(
    request: Request, writing: Writing, actor: Annotated[Actor, may("my_data.export")]
) -> Response:
    """The same as files: a page to read and JSON for programs, in one .zip."""
    with writing as session:
        data = service.export_my_data(session, language=language_of(request), actor=actor)
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"'}
    return Response(as_zip(data), media_type="application/zip", headers=headers)


@router.get("/me/data/deletion", response_model=DeletionPlanOut)
def plan_deletion(
    request: Request,
    reading: Reading,
    response: Response,
    actor: Annotated[Actor, may("my_data.plan_deletion")],
) -> DeletionPlanOut:
    """What would be deleted and what must stay, and why, before you decide."""
    with reading as session:
        plan = service.plan_deletion(session, language=language_of(request), actor=actor)
    response.headers["ETag"] = f'"{plan.token}"'
    return DeletionPlanOut(
        lines=[DeletionLine.model_validate(line) for line in plan.lines],
        token=plan.token,
        expires_at=plan.expires_at,
    )


@router.delete(
    "/me/data", status_code=204, responses=problems(SignInNotFresh, PlanOutdated, ETagMissing)
)  # fmt: skip
def delete_my_data(
    writing: Writing,
    cache: CacheDep,
    actor: Annotated[Actor, may("my_data.delete")],
    if_match: Annotated[
        str | None, Header(max_length=120, description="The token of the plan you read; needed.")
    ] = None,
) -> Response:
    """Have yourself forgotten, as the plan you read says; needs a sign-in of the last minutes."""
    if if_match is None:
        raise ETagMissing
    with writing as session:
        service.delete_my_data(session, token=if_match, actor=actor)
    cache.clear()
    return Response(status_code=204)


@router.get("/me/participations", response_model=ParticipationList)
def list_my_participations(
    reading: Reading, actor: Annotated[Actor, may("participation.list_mine")]
) -> ParticipationList:
    """The rounds on whose roll you stand: whether you took part, never how."""
    with reading as session:
        found = service.list_my_participations(session, actor=actor)
        return ParticipationList(
            items=[
                ParticipationItem(
                    round_id=each.round_id, title=each.round.title, kind=each.round.kind,
                    status=each.round.status, recorded=each.recorded, opens_at=each.round.opens_at,
                    closes_at=each.round.closes_at, taken_part=each.taken_part, way=each.way,
                    version=each.version, has_result=each.has_result,
                )
                for each in found
            ]
        )  # fmt: skip
