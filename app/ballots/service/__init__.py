"""The verbs of the ballot box, one file each."""

from app.ballots.service.board import board, post, public_board
from app.ballots.service.booth import Booth, Booths
from app.ballots.service.box import close_round, open_round
from app.ballots.service.cast import Caster, CastItem, Receipt, cast_batch, participation
from app.ballots.service.finish import destroy_key, erase_envelopes
from app.ballots.service.reading import Turnout, TurnoutLine, count_input_ballots, envelope_leaves, turnout
from app.ballots.service.unseal import unseal

__all__ = [
    "Booth",
    "Booths",
    "CastItem",
    "Caster",
    "Receipt",
    "Turnout",
    "TurnoutLine",
    "board",
    "cast_batch",
    "close_round",
    "count_input_ballots",
    "destroy_key",
    "envelope_leaves",
    "erase_envelopes",
    "open_round",
    "participation",
    "post",
    "public_board",
    "turnout",
    "unseal",
]
