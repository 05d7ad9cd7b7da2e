"""Ideas of residents: posted, endorsed by neighbours, looked at by the committee, taken up as projects."""
