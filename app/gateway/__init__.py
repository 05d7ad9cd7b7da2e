"""The systems we call, one file each. Called from the worker only, never inside a request."""
