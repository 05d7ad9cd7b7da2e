"""What a resident sees first, and a project's whole story: public reads of every package put together. No tables."""
