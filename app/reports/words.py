"""What figures are called in a spreadsheet, in both languages."""

from collections.abc import Mapping

from app.objections.deadlines import Stage as CaseStage
from app.objections.rules import ObjectionState
from app.projects.rules import DeliveryKind
from app.reports.rules import Stage, Waiting
from app.rounds.rules import RoundState

Words = tuple[str, str]

KINDS: Mapping[DeliveryKind, Words] = {
    DeliveryKind.INFRASTRUCTURE: ("工程建设", "works"),
    DeliveryKind.SERVICE: ("服务", "services"),
    DeliveryKind.ACTIVITY: ("活动", "activities"),
}
STAGES: Mapping[Stage, Words] = {
    Stage.ASKED: ("审核中", "asked for"),
    Stage.DEFERRED: ("推迟到以后年度", "put off"),
    Stage.DECLINED: ("未批准", "declined"),
    Stage.APPROVED_IN_PART: ("部分批准", "approved in part"),
    Stage.APPROVED: ("已批准，待放行", "approved"),
    Stage.GO_AHEAD: ("已放行", "may start"),
}
WAITING: Mapping[Waiting, Words] = {
    Waiting.REGISTRATIONS: ("居民登记", "registrations"),
    Waiting.IDEAS: ("居民建议", "ideas"),
    Waiting.OBJECTIONS_RECEIVED: ("异议：查收", "objections: received"),
    Waiting.OBJECTIONS_CONTACTED: ("异议：第一次联系", "objections: first contact"),
    Waiting.REQUESTS_COMMITTEE: ("资金申请：居委会补正或答复", "requests: the committee"),
    Waiting.REQUESTS_SUBDISTRICT: ("资金申请：街道", "requests: sub-district"),
    Waiting.REQUESTS_DISTRICT: ("资金申请：区统筹办", "requests: district office"),
    Waiting.REQUESTS_BUREAU: ("资金申请：主管部门", "requests: bureau"),
    Waiting.REQUESTS_FINANCE: ("资金申请：财政", "requests: finance"),
    Waiting.REQUESTS_GO_AHEAD: ("资金申请：放行", "requests: go-ahead"),
}
CASE_STAGES: Mapping[CaseStage, Words] = {
    CaseStage.RECEIVED: ("待查收", "to be received"),
    CaseStage.TO_ASSIGN: ("待安排调解员", "to be assigned"),
    CaseStage.TO_CONTACT: ("待联系", "to be contacted"),
    CaseStage.TALKING: ("协商中", "being negotiated"),
    CaseStage.OFFERED: ("等住户答复方案", "an offer is out"),
    CaseStage.KEPT: ("保留异议", "kept"),
    CaseStage.ENDED: ("已结束", "ended"),
}
CASE_STATES: Mapping[ObjectionState, Words] = {
    ObjectionState.FILED: ("已提交", "filed"),
    ObjectionState.ASSIGNED: ("协商中", "with a mediator"),
    ObjectionState.SETTLED: ("已达成协议", "settled"),
    ObjectionState.WITHDRAWN: ("已撤回", "withdrawn"),
    ObjectionState.MAINTAINED: ("保留异议", "maintained"),
}
ROUND_STATES: Mapping[RoundState, Words] = {
    RoundState.OPEN: ("投票中", "open"),
    RoundState.CLOSED: ("已截止", "closed"),
    RoundState.UNSEALED: ("正在计票", "being counted"),
    RoundState.COUNTED: ("已计票", "counted"),
    RoundState.ANNOUNCED: ("公示中", "on public notice"),
    RoundState.CERTIFIED: ("已确认", "certified"),
}
