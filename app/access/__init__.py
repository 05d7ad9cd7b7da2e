"""Who is asking, and what may they do: accounts, grants over the division tree, sign-in, tokens."""
