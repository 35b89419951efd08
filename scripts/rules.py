"""The reference page of the rules that a catalog has to keep: the table that `keepsum catalog --lint` goes through."""

from keepsum.engine.lint import RULES


def page() -> str:
    """Give the Markdown: a row a rule, errors before warnings, in the order of the table."""
    ordered = sorted(RULES, key=lambda rule: rule.severity)
    rows = (f"| `{rule.name}` | {rule.severity} | {' '.join(rule.about.split())} |" for rule in ordered)
    opening = (
        "# What a catalog has to keep\n\n"
        "`keepsum catalog --lint` checks the declarations of all packs against these rules. An error refuses the "
        "catalog; a warning says what to think about.\n\n"
        "| rule | severity | what it asks |\n|---|---|---|\n"
    )
    return opening + "\n".join(rows)
