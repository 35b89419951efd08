"""Decides whether a catalog can keep its promises: a table of named rules, each a function of the catalog."""

from keepsum.engine.lint import (
    attached,
    dashboards,
    datasets,
    fields,
    keeping,
    metrics,
    names,
    published,
    roles,
    rollups,
    routes,
)
from keepsum.engine.lint.finding import Finding, Rule, Severity
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Invalid

__all__ = ["RULES", "Finding", "Rule", "Severity", "check", "lint"]

RULES = (
    Rule("NAME_MALFORMED", names.name_malformed),
    Rule("NAME_TAKEN", names.name_taken),
    Rule("SETTING_UNFIT", names.setting_unfit),
    Rule("NIGHTLY_UNFIT", names.nightly_unfit),
    Rule("SETTING_AMBIGUOUS", names.setting_ambiguous),
    Rule("MEASURE_AMBIGUOUS", names.measure_ambiguous, "warning"),
    Rule("CHOICE_OPTIONS", fields.choice_options),
    Rule("NUMBER_SCALE", fields.number_scale),
    Rule("CURRENCY_MISSING", fields.currency_missing),
    Rule("TEXT_MOST", fields.text_most),
    Rule("TEXT_LONGEST", fields.text_longest),
    Rule("KEEP_MISSING", keeping.keep_missing),
    Rule("KEEP_TOO_SHORT", keeping.keep_too_short),
    Rule("SETTLES_AFTER_KEEP", keeping.settles_after_keep),
    Rule("COVERED_WITH_UNFIT", keeping.covered_with_unfit),
    Rule("CLOSES_UNFIT", keeping.closes_unfit),
    Rule("NOTHING_KEPT", keeping.nothing_kept, "warning"),
    Rule("NOT_IN_THIS_VERSION", keeping.not_in_this_version),
    Rule("MAPPING_URL", attached.mapping_url),
    Rule("MAPPING_FIELD", attached.mapping_field),
    Rule("MAPPING_CLOCK", attached.mapping_clock),
    Rule("MAPPING_VALUE", attached.mapping_value),
    Rule("MAPPING_SCALE", attached.mapping_scale),
    Rule("READER_STREAM_UNKNOWN", keeping.reader_stream_unknown),
    Rule("DATA_READER_UNKNOWN", keeping.data_reader_unknown),
    Rule("STREAM_OF_OTHER_CATALOG", rollups.stream_of_other_catalog),
    Rule("FIELD_UNKNOWN", rollups.field_unknown),
    Rule("FILTER_IMPOSSIBLE", rollups.filter_impossible),
    Rule("DIMENSION_PERSONAL", rollups.dimension_personal),
    Rule("DIMENSION_NOT_TEXTUAL", rollups.dimension_not_textual),
    Rule("SOURCE_SECRET", rollups.source_secret),
    Rule("EXTREME_PERSONAL", rollups.extreme_personal),
    Rule("NUMBER_EXPECTED", rollups.number_expected),
    Rule("UNIQUES_OF_SUBJECT", rollups.uniques_of_subject),
    Rule("DISTINCT_RECURS", rollups.distinct_recurs),
    Rule("GRAIN_UNKNOWN", rollups.grain_unknown),
    Rule("TOO_MANY_GROUPS", rollups.too_many_groups),
    Rule("ROLLUPS_NOT_NESTED", rollups.rollups_not_nested, "warning"),
    Rule("FORMULA_MALFORMED", metrics.formula_malformed),
    Rule("METRIC_OF_OTHER_CATALOG", metrics.metric_of_other_catalog),
    *metrics.RULES,
    Rule("ACTOR_UNFIT", roles.actor_unfit),
    Rule("ROLE_UNKNOWN", roles.role_unknown),
    Rule("GRANT_UNKNOWN", roles.grant_unknown),
    Rule("GRANT_UNCLEAR", roles.grant_unclear),
    Rule("ROWS_OF_NOBODY", roles.rows_of_nobody),
    Rule("INCLUDED_NARROWED", roles.included_narrowed),
    Rule("GRANT_OVERRULED", roles.grant_overruled, "warning"),
    Rule("DATASET_OF_OTHER_CATALOG", datasets.dataset_of_other_catalog),
    Rule("DATASET_COLUMNS", datasets.dataset_columns),
    Rule("DATASET_QUESTION", datasets.dataset_question),
    Rule("DATASET_FILTERS", datasets.dataset_filters),
    Rule("DASHBOARD_UNFIT", dashboards.dashboard_unfit),
    Rule("DASHBOARD_QUESTION", dashboards.dashboard_question),
    Rule("ROUTE_OPEN", routes.route_open),
    Rule("ROUTE_PATH", routes.route_path),
    Rule("ROUTE_STATUS", routes.route_status),
    Rule("ROUTE_TAKEN", routes.route_taken),
    Rule("PARAMETER_UNFIT", routes.parameter_unfit),
    Rule("ERRORS_UNFIT", routes.errors_unfit),
    Rule("PUBLISHED_UNFIT", published.published_unfit),
)


def lint(catalog: Catalog) -> tuple[Finding, ...]:
    """Give every breach of every rule, in the order of the rules and then of the declarations."""
    return tuple(finding for rule in RULES for finding in rule.findings(catalog))


def check(catalog: Catalog) -> None:
    """Raise `CATALOG_REFUSED`, listing the findings, unless the catalog has no errors; warnings pass."""
    errors = [finding for finding in lint(catalog) if finding.severity == "error"]
    if errors:
        listed = "\n".join(f"  {finding}" for finding in errors)
        raise Invalid("CATALOG_REFUSED", f"The catalog breaks {len(errors)} rules; change the declarations:\n{listed}")
