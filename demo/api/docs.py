"""The page that describes the REST API: made here from openapi.json, without a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from demo.present import Words, esc
from pipelines.wording import languages

Tree = Mapping[str, Any]
STYLE = "/ui/api.css"


def page(schema: Tree, language: str, title: str) -> str:
    """HTML. `title` is escaped already."""
    words = Words(language)
    calls = "".join(_calls(schema, words))
    shapes = "".join(_shapes(schema, words))
    others = " · ".join(esc(code) for code in languages())
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f'<link rel="stylesheet" href="{STYLE}"></head><body><main><h1>{title}</h1>'
        f"<p>{words('api.about')}</p>"
        f'<p><a href="openapi.json">openapi.json</a> · Accept-Language: {others}</p>'
        f"<h2>{words('api.calls')}</h2>{calls}<h2>{words('api.shapes')}</h2>{shapes}"
        "</main></body></html>"
    )


def _calls(schema: Tree, words: Words) -> Iterator[str]:
    for path, methods in schema["paths"].items():
        for method, call in methods.items():
            name = call["operationId"].split("_")[0]
            yield (
                f'<section><h3><span class="method">{esc(method.upper())}</span> '
                f"<code>/api/v1{esc(path)}</code></h3><p>{words(f'api.call_{name}')}</p>"
                f"{_table(list(_parameters(call, words)))}{_body(call, words)}</section>"
            )


def _parameters(call: Tree, words: Words) -> Iterator[tuple[str, str, str]]:
    for one in call.get("parameters", ()):
        place = words(f"api.in_{one['in']}")
        must = words("api.required") if one.get("required") else ""
        yield one["name"], _kind(one["schema"]), ", ".join(part for part in (place, must) if part)


def _body(call: Tree, words: Words) -> str:
    contents = call.get("requestBody", {}).get("content", {})
    made = []
    for media_type, content in contents.items():
        rows = [
            (name, _kind(field), "")
            for name, field in content["schema"].get("properties", {}).items()
        ]
        shape = _kind(content["schema"]) if not rows else ""
        made.append(f"<p>{words('api.body')} <code>{esc(media_type)}</code> {esc(shape)}</p>")
        made.append(_table(rows))
    return "".join(made)


def _shapes(schema: Tree, words: Words) -> Iterator[str]:
    for name, shape in schema.get("components", {}).get("schemas", {}).items():
        if "properties" in shape and "Validation" not in name:
            must = set(shape.get("required", ()))
            rows = [
                (field, _kind(inner), words("api.required") if field in must else "")
                for field, inner in shape["properties"].items()
            ]
            yield f'<section><h3 id="{esc(name)}">{esc(name)}</h3>{_table(rows)}</section>'


def _table(rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    lines = "".join(
        f"<tr><td><code>{esc(name)}</code></td><td>{esc(kind)}</td><td>{note}</td></tr>"
        for name, kind, note in rows
    )
    return f"<table>{lines}</table>"


def _kind(schema: Tree) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"{_kind(schema.get('items', {}))}[]"
    return str(schema.get("format") or schema.get("type", "object"))
