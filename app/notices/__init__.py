"""Notices: the inbox, and what reaches people beyond it: WeChat messages, short messages, reminders.

What concerns a whole community is one row however many people read it; what concerns one person is a row of theirs,
sealed. Nothing here says who took part in a round: reminders are worked out when they are sent, and of whom was
reminded nothing is kept but keyed hashes, until the round closes.
"""
