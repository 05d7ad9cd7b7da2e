"""Paper ballots: sheets with serials, who signed in for one, and what the sheets say. See docs/adr/0011."""
