"""Short codes for what is public: on a poster, in a chat, over the telephone. Never for a person."""
