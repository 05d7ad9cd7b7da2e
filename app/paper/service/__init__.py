"""The verbs of paper ballots, and what the box asks of them. Signing in stands in `ballots`: it needs both sides."""

from app.paper.service.batches import Claimed, list_batches, make_batch, merge_batch, read_batch, return_batch
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
)
from app.paper.service.setting_aside import propose_setting_aside, set_aside
from app.paper.service.sign_ins import (
    add_sign_in,
    claim_desk,
    close_desk,
    list_sign_ins,
    remove_sign_in,
    signed_in,
)

__all__ = [
    "BatchView",
    "Claimed",
    "KeyedLine",
    "add_sign_in",
    "check_reconciled",
    "claim_desk",
    "close_desk",
    "counted_rankings",
    "discard_keyings",
    "erase_lists",
    "figures",
    "key_sheets",
    "list_batches",
    "list_sign_ins",
    "make_batch",
    "merge_batch",
    "print_batch",
    "propose_setting_aside",
    "read_batch",
    "remove_sign_in",
    "return_batch",
    "send_notice",
    "set_aside",
    "sheets_used",
    "signed_in",
]
