"""Recorded rounds 记名投票: owners' joint decisions, signed and not secret, weighed by area and by heads."""
