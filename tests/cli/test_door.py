import subprocess
import sys
from importlib.metadata import version

import pytest

import keepsum.cli
from keepsum.cli import COMMANDS, GROUPS, build
from keepsum.cli.door import leave
from keepsum.model.errors import Conflict, Forbidden, Invalid, KeepsumError, NotFound, ProofFailed, Unavailable

PERSON = "anna@example.org"


@pytest.mark.parametrize(
    ("kind", "code"),
    [(Invalid, 2), (NotFound, 2), (Conflict, 1), (Forbidden, 1), (ProofFailed, 3), (Unavailable, 4), (KeepsumError, 4)],
)
def test_the_kind_of_an_error_is_the_exit_code(kind, code, capsys):
    assert leave(kind("SOME_CODE", "It is so.")) == code
    assert capsys.readouterr().err == "keepsum: SOME_CODE: It is so.\n"


def test_an_error_nobody_expected_says_where_and_no_value(capsys):
    with pytest.raises(ValueError, match=PERSON) as caught:
        int(PERSON)
    assert leave(caught.value) == 4
    said = capsys.readouterr().err
    assert said.startswith("keepsum: UNEXPECTED_ERROR: ValueError in test_door.py, line ")
    assert PERSON not in said
    assert said.count("\n") == 1


def test_a_file_that_cannot_be_used_is_named(bare):
    (bare.folder / "file").write_text("")
    said = bare.bare("init", "--data-dir=file/data")
    assert said.code == 4
    assert said.err.startswith("keepsum: FILE_UNUSABLE: 'file/data")


@pytest.mark.parametrize("words", [["nonsense"], ["days", "nonsense"], ["roll", "--nonsense"], ["jobs", "show", "x"]])
def test_wrong_use_is_one_line_and_code_2(bare, words):
    said = bare.bare(*words)
    assert said.code == 2
    assert said.err.startswith("keepsum: WRONG_USE: ")
    assert said.err.count("\n") == 1


def test_without_a_command_there_is_help(bare):
    said = bare.bare()
    assert said.code == 2
    assert "Usage: keepsum" in said.out + said.err


def test_help_lists_every_command(bare):
    said = bare.bare("--help")
    assert said.code == 0
    listed = {line.split()[1] for line in said.out.splitlines() if line.startswith("│ ") and line[2] != " "}
    wanted = "init serve worker demo collect roll purge query days ledger catalog jobs status"
    assert set(wanted.split()) <= listed


@pytest.mark.parametrize("name", [*(name for name, _, _ in COMMANDS), *GROUPS])
def test_the_command_that_is_asked_for_is_made_alone_and_as_among_all(name):
    alone, among_all = build(name), build()
    assert list(alone.commands) == [name]
    assert _described(alone.commands[name]) == _described(among_all.commands[name])


def _described(command):
    """What a command or group takes and says, with its verbs."""
    verbs = {name: _described(verb) for name, verb in getattr(command, "commands", {}).items()}
    return type(command), command.help, [(p.name, p.opts, p.help, p.default) for p in command.params], verbs


@pytest.mark.parametrize("first", [None, "--help", "nonsense"])
def test_a_first_word_that_names_no_command_gets_them_all(first):
    assert list(build(first).commands) == [*(name for name, _, _ in COMMANDS), *GROUPS]


def test_the_version_is_that_of_the_package(bare):
    said = bare.bare("--version")
    assert (said.code, said.out) == (0, f"keepsum {version('keepsum')}\n")


def test_a_setting_that_is_wrong_is_named_with_its_reason(bare):
    said = bare.bare("roll", "--clock=soon")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("keepsum: BAD_SETTING: The setting 'clock' (KEEPSUM_CLOCK) is wrong: ")


def test_without_a_data_directory_nothing_is_made(bare):
    said = bare.bare("status", "--data-dir=nowhere")
    assert said.code == 4
    assert said.err.startswith("keepsum: NO_DATA_DIRECTORY: There is no data in 'nowhere'")
    assert not (bare.folder / "nowhere").exists()


def test_a_group_without_a_verb_does_its_first(install):
    assert install("days").out == install("days", "list").out
    assert install("ledger", "--json").json == install("ledger", "verify", "--json").json


def test_ctrl_c_leaves_quietly(install, monkeypatch):
    def interrupted(*_given):
        raise KeyboardInterrupt

    monkeypatch.setattr(keepsum.cli.days, "_held", interrupted)
    said = install("roll")
    assert said.code == 130
    assert "Traceback" not in said.err


def test_help_imports_nothing_that_only_work_needs():
    script = (
        "import sys; from keepsum.cli import run; run(['--help']);"
        "print([m for m in ('duckdb', 'fastapi', 'pyarrow', 'pydantic', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_command_that_rolls_has_nothing_that_would_log_on_standard_output_or_start_processes(sealed):
    script = (
        "import sys; from keepsum.cli import run; run(sys.argv[1:]);"
        "print([m for m in ('alembic', 'fastapi', 'httpx2', 'multiprocessing', 'structlog') if m in sys.modules])"
    )
    words = [sys.executable, "-c", script, "roll", *sealed.place]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_command_is_installed_and_speaks_on_standard_error():
    done = subprocess.run(
        [sys.executable, "-m", "keepsum.cli", "nonsense"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "keepsum: WRONG_USE: No such command 'nonsense'.\n"


def test_a_pipe_that_closes_early_is_no_crash(sealed):
    words = [sys.executable, "-m", "keepsum.cli", "ledger", "list", *sealed.place]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_a_process_ends_with_all_it_had_to_say_and_do():
    script = (
        "import atexit, sys, keepsum.cli as cli;"
        "atexit.register(print, 'done at the end');"
        "cli.run = lambda: sys.stdout.write('written, not flushed\\n') and 3;"
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "written, not flushed\ndone at the end\n", "")


def test_a_process_waits_for_its_threads():
    script = (
        "import threading, time, keepsum.cli as cli;"
        "last = lambda: (threading.main_thread().join(), print('the last thread'));"
        "cli.run = lambda: threading.Thread(target=last).start() or 1;"
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "the last thread\n")
