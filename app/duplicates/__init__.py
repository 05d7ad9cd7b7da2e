"""Two rows of a roster that are one person: found, merged by a clerk, taken back. No vote is gained or lost by it."""
