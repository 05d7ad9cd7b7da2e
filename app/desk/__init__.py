"""The desk: what somebody who works here has to do, by deadline."""
