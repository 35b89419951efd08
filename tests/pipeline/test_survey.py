from tests.systems import number, sale

from keepsum.pipeline.survey import first_day, survey


def surveyed(house):
    found = survey(house.workspace, house.system.calendar(), now=house.clock())
    (stream,) = found.streams
    return found, stream


def test_an_empty_workspace_has_nothing_to_say(house):
    found, stream = surveyed(house)
    assert (stream.statuses, stream.living, stream.gone, stream.first, stream.last) == ({}, 0, 0, None, None)
    assert (stream.held, stream.overdue, stream.personal) == ((), (), None)
    assert found.head[0] == 1
    assert first_day(house.workspace) is None


def test_records_are_counted_as_living_until_they_are_purged(house):
    house.at("2026-02-02T12:00").collect(sale("1", "2026-02-01"), sale("2", "2026-02-02"))
    assert surveyed(house)[1].living == 2
    house.at("2026-03-04T12:00").roll()
    house.purge()
    _, stream = surveyed(house)
    assert (stream.living, stream.gone) == (1, 1)
    assert stream.statuses == {"purged": 1, "sealed": 30}
    assert stream.personal == number("2026-02-02")
    assert first_day(house.workspace) == number("2026-02-01")


def test_a_day_is_overdue_a_day_after_its_deadline(house):
    house.at("2026-02-01T12:00").collect(sale("1", "2026-02-01"))
    assert surveyed(house.at("2026-03-04T12:00"))[1].overdue == ()  # tonight's purge will come
    assert surveyed(house.at("2026-03-05T12:00"))[1].overdue == (number("2026-02-01"),)


def test_held_days_are_told_with_their_reason(house):
    house.at("2026-02-01T12:00").collect(sale("1", "2026-02-01"))
    house.at("2026-02-02T12:00").move()
    (segment,) = house.segments("2026-02-01")
    house.workspace.segments.path(segment).unlink()
    house.roll()
    (held,) = surveyed(house)[1].held
    assert (held.day, held.held) == (number("2026-02-01"), "DAMAGED")
