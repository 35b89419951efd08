import shutil

from tests.systems import sale


def test_a_ledger_that_holds_says_so_with_its_seals_and_head(sealed):
    said = sealed("ledger", "verify", "--deep", "--json")
    assert (said.code, said.json["ok"], said.json["seals"], said.json["findings"]) == (0, True, 10, [])
    assert said.json["head"] == sealed("ledger", "head").out.strip()
    assert "✓ the ledger holds: 11 entries, 10 seals" in sealed("ledger", "verify").words


def test_a_head_that_was_kept_is_looked_for(sealed):
    head = sealed("ledger", "head").out.strip()
    sealed("purge")
    assert sealed("ledger", "verify", f"--head={head}").code == 0
    said = sealed("ledger", "verify", f"--head={'0' * 64}", "--json")
    assert said.code == 3
    assert [finding["code"] for finding in said.json["findings"]] == ["HEAD_UNKNOWN"]


def test_a_changed_byte_is_a_failed_proof(sealed):
    (segment,) = (sealed.folder / "data").rglob("2026-02-02/*.parquet")
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    assert sealed("ledger", "verify").code == 0
    said = sealed("ledger", "verify", "--deep")
    assert said.code == 3
    assert "SEGMENT_DAMAGED" in said.words


def test_entries_are_listed_oldest_first_and_can_be_narrowed(sealed):
    entries = sealed("ledger", "list", "--json").json["entries"]
    assert [entry["entry"] for entry in entries] == list(range(1, 12))
    assert entries[0]["kind"] == "opened"
    later = sealed("ledger", "list", "--after=7", "--limit=2", "--json").json["entries"]
    assert [entry["entry"] for entry in later] == [8, 9]
    assert sealed("ledger", "list", "--kind=tea").code == 2


def test_an_old_copy_of_the_workspace_is_refused_until_a_person_accepts_it(sealed):
    file = sealed.folder / "data" / "workspaces" / "default"
    shutil.copytree(file, sealed.folder / "old")
    later = sale("x", "2026-02-10")
    sealed("collect", sealed.write("more.ndjson", [later]), "--stream=sales")
    sealed("roll")
    shutil.rmtree(file)
    shutil.copytree(sealed.folder / "old", file)
    refused = sealed("status")
    assert refused.code == 4
    assert "ROLLED_BACK" in refused.err
    said = sealed("ledger", "accept", "--reason=the disk was replaced", "--json")
    assert (said.code, said.json["accepted"]) == (0, True)
    assert sealed("status").code == 1  # two days are overdue, as before
    (entry,) = sealed("ledger", "list", "--kind=restored", "--json").json["entries"]
    assert entry["body"]["reason"] == "the disk was replaced"


def test_accepting_when_nothing_was_rolled_back_changes_nothing(sealed):
    said = sealed("ledger", "accept", "--reason=for sure", "--json")
    assert (said.code, said.json["accepted"], said.json["entry"]) == (0, False, 11)
