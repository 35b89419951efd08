import inspect
import types
from typing import Union, get_args, get_origin

import pytest
from pydantic import SecretStr

from keepsum.cli import COMMANDS, GROUPS, flags, taken
from keepsum.cli.door import command
from keepsum.settings import Settings, load

FIELDS = Settings.model_fields


def test_every_setting_is_a_flag_in_the_same_words():
    said = {name: field.description for name, field in FIELDS.items() if name not in flags.SECRET}
    assert {name: about for name, (_, about) in flags.FLAGS.items()} == said


def test_no_secret_is_a_flag_or_shown():
    held = {name for name, field in FIELDS.items() if SecretStr in get_args(field.annotation)}
    assert held == set(flags.SECRET)
    assert "plokm" not in repr(load(secret_key="plokm", smtp_password="plokm"))


def test_the_server_takes_every_setting_but_which_workspace():
    taken = next(set(names) for name, _, names in COMMANDS if name == "serve")
    assert taken == set(FIELDS) - {"workspace", *flags.SECRET}


@pytest.mark.parametrize("name", sorted(flags.FLAGS))
def test_a_flag_has_its_settings_type_or_is_a_text_of_it(name):
    annotation = FIELDS[name].annotation
    kinds = set(get_args(annotation)) if get_origin(annotation) in (Union, types.UnionType) else {annotation}
    kind, _ = flags.FLAGS[name]
    assert kind is str or kind in kinds


def functions():
    yield from ((name, function, names) for name, function, names in COMMANDS)
    for group, (_, verbs) in GROUPS.items():
        yield from ((f"{group} {verb}", function, taken(group, verb)) for verb, function in verbs.items())


@pytest.mark.parametrize(("name", "function", "names"), [pytest.param(*f, id=f[0]) for f in functions()])
def test_every_command_says_what_it_does_and_can_speak_to_machines(name, function, names):
    assert inspect.getdoc(function), name
    parameters = inspect.signature(command(function, names)).parameters
    assert {"json", *names} <= set(parameters)


def test_a_flag_that_was_not_given_leaves_the_setting_alone():
    given = {}

    def note(settings, screen):
        given.update(settings.model_dump(exclude_unset=True))

    assert command(note, ("data_dir", "k"))(json=False, data_dir=None, k=7) == 0
    assert given == {"k": 7}
