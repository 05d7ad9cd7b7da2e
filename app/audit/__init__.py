"""Append-only record of every act, chained by hash, one chain per division."""
