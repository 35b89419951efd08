"""The reference page of what a pack can say: every name that `keepsum` exports."""

import inspect
import textwrap

import keepsum


def page() -> str:
    """Give the Markdown: one entry a name, its parameters with defaults, and what it says about itself."""
    values = {name: getattr(keepsum, name) for name in keepsum.__all__}
    kinds = {
        "Declarations": [n for n, v in values.items() if inspect.isclass(v)],
        "Functions": [n for n, v in values.items() if inspect.isfunction(v)],
        "Constants": [n for n, v in values.items() if not callable(v)],
    }
    sections = (
        f"## {title}\n\n" + "\n\n".join(_entry(name, values[name]) for name in sorted(names, key=str.lower))
        for title, names in kinds.items()
        if names
    )
    opening = "# What a pack can say\n\nA pack imports these names from `keepsum`, and nothing else of Keepsum.\n\n"
    return opening + "\n\n".join(sections)


def _entry(name: str, value: object) -> str:
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return f"### {name}\n\n`{value}`"
    about = inspect.getdoc(value) or ""
    called = value.__call__ if getattr(value, "_is_protocol", False) else value
    call = textwrap.fill(f"{name}({_parameters(called)})", width=100, subsequent_indent="    ")
    return f"### {name}\n\n```python\n{call}\n```\n\n{about}"


def _parameters(value: object) -> str:
    """Give the parameters as one would write them: names and defaults, without types."""
    parts: list[str] = []
    for parameter in inspect.signature(value).parameters.values():  # pyright: ignore[reportArgumentType]  class or function
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        plain = parameter.default is parameter.empty
        default = repr(parameter.default).replace("<factory>", "{}")
        parts.append(parameter.name if plain else f"{parameter.name}={default}")
    return ", ".join(parts)
