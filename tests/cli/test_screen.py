from keepsum.cli.screen import Screen


def test_a_name_between_colons_is_printed_as_it_is(capsys):
    Screen(json=False).tell("the records of ':bread:'")
    assert capsys.readouterr().out == "the records of ':bread:'\n"
