BROKEN = """
from keepsum import PERSONAL, Count, Pack, Rollup, Stream, Text, days, years
S = Stream("visits", time="at", key="id", keep=days(9), fields=(Text("mail", sensitivity=PERSONAL),))
DAILY = Rollup("daily", of=S, by=("mail",), measures=(Count("n"),), keep=years(1))
PACK = Pack("broken", streams=(S,), rollups=(DAILY,))
"""


def test_the_catalog_of_what_ships_is_clean_and_needs_no_data(bare):
    said = bare.bare("catalog", "--lint")
    assert (said.code, said.words) == (0, "✓ the catalog can keep its promises")
    assert list(bare.folder.iterdir()) == []


def test_what_cannot_be_kept_is_named_by_its_rule(bare):
    (bare.folder / "packs").mkdir()
    (bare.folder / "packs" / "broken.py").write_text(BROKEN)
    said = bare.bare("catalog", "--lint", "--json")
    assert said.code == 1
    assert [finding["rule"] for finding in said.json["findings"]] == ["DIMENSION_PERSONAL"]
    assert "DIMENSION_PERSONAL error" in bare.bare("catalog", "--lint").words


def test_a_warning_alone_is_no_failure(bare):
    (bare.folder / "packs").mkdir()
    (bare.folder / "packs" / "idle.py").write_text(
        BROKEN.replace("rollups=(DAILY,)", "rollups=()").replace('"broken"', '"idle"')
    )
    said = bare.bare("catalog", "--lint", "--json")
    assert [(f["rule"], f["severity"]) for f in said.json["findings"]] == [("NOTHING_KEPT", "warning")]
    assert said.code == 0


def test_everything_declared_is_printed(bare):
    said = bare.bare("catalog", "--enabled=demo", "--json")
    assert [pack["name"] for pack in said.json["packs"]] == ["demo"]
    words = bare.bare("catalog", "--enabled=demo").words
    for name in ("lines", "shop_daily", "revenue_per_invoice", "revenue / invoices"):
        assert name in words


def test_without_a_pack_it_says_how_to_get_one(bare):
    assert "No pack is on" in bare.bare("catalog").words


def test_a_pack_that_is_not_there_is_named_with_those_there_are(bare):
    said = bare.bare("catalog", "--enabled=nothing")
    assert said.code == 2
    assert said.err == "keepsum: UNKNOWN_PACK: There is no pack 'nothing'; known: demo, shop, wallet.\n"
