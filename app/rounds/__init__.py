"""Voting rounds over any division or set of communities: what is asked, of whom, when, and by which rule."""
