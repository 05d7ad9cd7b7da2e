"""The promise of the API, as committed."""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

ROOT = Path(__file__).parent.parent.parent


def operations(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


class TestOpenapi:
    def test_the_committed_description_is_what_the_application_offers(
        self, app: FastAPI, backend: str
    ) -> None:
        """Run ``make openapi`` after a change of the API, and read the difference."""
        committed = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
        assert committed == json.loads(json.dumps(app.openapi())), backend

    def test_every_operation_is_described(self, app: FastAPI) -> None:
        for name, operation in operations(app.openapi()):
            assert operation.get("description"), name
            assert operation.get("tags"), name

    def test_every_body_is_closed_and_every_text_bounded(self, app: FastAPI) -> None:
        """Nothing reaches the database that it cannot hold."""
        described = app.openapi()
        look = Look(described["components"]["schemas"])
        for name, operation in operations(described):
            for media in operation.get("requestBody", {}).get("content", {}).values():
                look.at(media["schema"], name)
            for parameter in operation.get("parameters", ()):
                look.at(parameter["schema"], f"{name} {parameter['name']}")
        assert look.loose == []


class Look:
    """Walks what a client may send and notes what has no end."""

    #: What ends a text; a uuid or a date ends by itself, a file under the body's own cap.
    ENDS = frozenset({"enum", "const", "maxLength", "pattern", "contentMediaType"})
    FORMATS = frozenset({"uuid", "date", "date-time", "binary"})

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas
        self.seen: set[str] = set()
        self.loose: list[str] = []

    def at(self, schema: dict[str, Any], where: str) -> None:
        name = schema.get("$ref", "").rpartition("/")[2]
        if name:
            if name not in self.seen:
                self.seen.add(name)
                self.at(self.schemas[name], name)
            return
        for part in (each for key in ("anyOf", "oneOf", "allOf") for each in schema.get(key, ())):
            self.at(part, where)
        self.leaf(schema, where)
        if "items" in schema:
            self.at(schema["items"], f"{where}[]")
        for inner, part in schema.get("properties", {}).items():
            self.at(part, f"{where}.{inner}")
        for key in ("propertyNames", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                self.at(schema[key], f"{where}.*")

    def leaf(self, schema: dict[str, Any], where: str) -> None:
        given = schema.keys()
        endless = {
            "string": not self.ENDS & given and schema.get("format") not in self.FORMATS,
            "array": "maxItems" not in given,
            "integer": not {"maximum", "exclusiveMaximum", "enum", "const"} & given,
            "number": True,
            "object": schema.get("additionalProperties") is not False
            and not {"propertyNames", "maxProperties"} <= given
            and not where.startswith("Body_"),
        }
        kind = schema.get("type")
        if isinstance(kind, str) and endless.get(kind):
            self.loose.append(f"{where}: {kind}")
