"""Bases of everything that comes in and goes out. No web in here: services read inputs too."""

from pydantic import BaseModel, ConfigDict


class InputModel(BaseModel):
    """Base of everything a client sends: unknown fields are refused, text is trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class OutputModel(BaseModel):
    """Base of everything we answer; built from rows and values."""

    model_config = ConfigDict(from_attributes=True)
