"""The verbs of paper ballots, and what the box asks of them. Signing in stands in `ballots`: it needs both sides."""

from app.paper.service.batches import Claimed, list_batches, make_batch, merge_batch, read_batch, return_batch
from app.paper.service.comparing import Compared, Keyer, Reading, compare, keyers
from app.paper.service.drafting import KeyingDesk, draft_sheets, hand_over, keying_desk, remove_draft
from app.paper.service.erasing import erase_lists
from app.paper.service.keying import KeyedLine, discard_keyings, key_sheets
from app.paper.service.notices import send_notice
from app.paper.service.printing import print_batch
from app.paper.service.reconciliation import (
    BatchView,
    check_reconciled,
    counted_rankings,
    figures,
    sheets_used,
    sheets_used_in,
)
from app.paper.service.reconciling import Figures, Line, Reconciliation, reconcile
from app.paper.service.setting_aside import propose_setting_aside, set_aside
from app.paper.service.sign_ins import (
    add_sign_in,
    claim_desk,
    close_desk,
    desk_figures,
    list_sign_ins,
    remove_sign_in,
    signed_in,
)
from app.paper.service.waiting import Waiting, waiting

__all__ = [
    "BatchView",
    "Claimed",
    "Compared",
    "Figures",
    "KeyedLine",
    "Keyer",
    "KeyingDesk",
    "Line",
    "Reading",
    "Reconciliation",
    "Waiting",
    "add_sign_in",
    "check_reconciled",
    "claim_desk",
    "close_desk",
    "compare",
    "counted_rankings",
    "desk_figures",
    "discard_keyings",
    "draft_sheets",
    "erase_lists",
    "figures",
    "hand_over",
    "key_sheets",
    "keyers",
    "keying_desk",
    "list_batches",
    "list_sign_ins",
    "make_batch",
    "merge_batch",
    "print_batch",
    "propose_setting_aside",
    "read_batch",
    "reconcile",
    "remove_draft",
    "remove_sign_in",
    "return_batch",
    "send_notice",
    "set_aside",
    "sheets_used",
    "sheets_used_in",
    "signed_in",
    "waiting",
]
