"""Objections of households, and the negotiation with them. Confidential: stored apart, told to almost nobody.

No foreign key leads here from ballots or rolls, and none from here to them; nothing of it stands in search, exports
or statistics but a rounded count where enough households object.
"""
