import pickle

from keepsum.model.errors import Conflict, about


def raised(error, cause=None):
    try:
        raise error from cause
    except (Conflict, ValueError, KeyError) as caught:
        return caught


def test_our_own_errors_are_told_whole():
    assert about(raised(Conflict("TWICE", "Two are one too many."))) == {"error": "TWICE: Two are one too many."}


def test_of_others_only_the_lines_of_code_are_told():
    value = "ann@example.com"
    told = about(raised(ValueError(value), raised(KeyError(value))))
    assert told["error"] == "ValueError"
    assert value not in str(told)
    assert told["traceback"].count("in raised") == 2
    assert told["traceback"].endswith("KeyError")


def test_an_error_comes_whole_out_of_another_process():
    error = pickle.loads(pickle.dumps(Conflict("TWICE", "Two are one too many.")))
    assert (type(error), error.code, error.message) == (Conflict, "TWICE", "Two are one too many.")
