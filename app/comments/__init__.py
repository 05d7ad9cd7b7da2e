"""Comments of residents on ideas and projects, and the committee's answers."""
