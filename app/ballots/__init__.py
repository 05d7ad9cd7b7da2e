"""The ballot box: sealed at cast, opened after closing, recountable by anybody. See docs/security.md."""
