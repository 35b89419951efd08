import msgspec
import pytest

from keepsum import Pack, Setting
from keepsum.model.errors import Invalid
from keepsum.model.setting import Secret
from keepsum.settings import of_packs

LIMIT = Setting("LIMIT", kind="integer", default=7)
SHOP = Pack("shop", settings=(LIMIT, Setting("GREETING"), Setting("STRICT", kind="boolean", default=False)))
DESK = Pack("desk", settings=(LIMIT,))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_pack_is_told_its_defaults_where_nobody_says_otherwise():
    assert of_packs([SHOP, DESK]) == {
        "shop": {"LIMIT": 7, "GREETING": None, "STRICT": False},
        "desk": {"LIMIT": 7},
    }


def test_a_pack_is_told_what_stands_under_its_name(monkeypatch):
    monkeypatch.setenv("KEEPSUM_SHOP_LIMIT", "12")
    monkeypatch.setenv("KEEPSUM_SHOP_STRICT", "true")
    monkeypatch.setenv("KEEPSUM_SHOP_GREETING", '{"not": "json"}')
    found = of_packs([SHOP, DESK])
    assert found["shop"] == {"LIMIT": 12, "GREETING": '{"not": "json"}', "STRICT": True}
    assert found["desk"] == {"LIMIT": 7}


def test_the_file_beside_is_read_too_and_the_environment_wins(folder, monkeypatch):
    (folder / ".env").write_text("KEEPSUM_SHOP_LIMIT=3\nKEEPSUM_SHOP_GREETING=hello\n")
    monkeypatch.setenv("KEEPSUM_SHOP_LIMIT", "4")
    assert of_packs([SHOP])["shop"] == {"LIMIT": 4, "GREETING": "hello", "STRICT": False}


def test_a_bare_name_is_read_where_one_pack_claims_it(monkeypatch):
    monkeypatch.setenv("LIMIT", "5")
    assert of_packs([SHOP])["shop"]["LIMIT"] == 5
    assert of_packs([SHOP, DESK]) == {"shop": {"LIMIT": 7, "GREETING": None, "STRICT": False}, "desk": {"LIMIT": 7}}


def test_the_whole_name_wins_over_the_bare_one(monkeypatch):
    monkeypatch.setenv("LIMIT", "5")
    monkeypatch.setenv("KEEPSUM_DESK_LIMIT", "6")
    assert of_packs([DESK])["desk"]["LIMIT"] == 6


def test_a_wrong_value_is_refused_by_name_and_never_shown(monkeypatch):
    monkeypatch.setenv("KEEPSUM_DESK_LIMIT", "plokm")
    with pytest.raises(Invalid, match=r"BAD_SETTING.*'LIMIT' of pack 'desk' \(KEEPSUM_DESK_LIMIT\)") as refused:
        of_packs([DESK])
    assert "plokm" not in str(refused.value)


def test_a_pack_cannot_take_the_name_of_a_setting_of_ours():
    with pytest.raises(Invalid, match=r"SETTING_TAKEN.*KEEPSUM_DATA_DIR"):
        of_packs([Pack("data", settings=(Setting("DIR"),))])


def test_a_secret_is_given_to_who_asks_for_its_value_and_shown_to_nobody(monkeypatch):
    monkeypatch.setenv("KEEPSUM_DESK_PASSWORD", "plokm")
    found = of_packs([Pack("desk", settings=(Setting("PASSWORD", kind="secret"),))])["desk"]["PASSWORD"]
    assert found == Secret("plokm")
    assert "plokm" not in f"{found} {found!r} {[found]}"
    with pytest.raises(TypeError):
        msgspec.json.encode({"settings": found})


def test_an_empty_secret_is_none(monkeypatch):
    pack = Pack("desk", settings=(Setting("PASSWORD", kind="secret"),))
    assert of_packs([pack])["desk"]["PASSWORD"] is None
    monkeypatch.setenv("KEEPSUM_DESK_PASSWORD", "")
    assert of_packs([pack])["desk"]["PASSWORD"] is None
