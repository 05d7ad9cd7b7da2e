"""One-time codes on paper: the committee hands them to residents who have no phone, or want somebody's help."""
