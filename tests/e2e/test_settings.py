"""Settings as people see them: the workspace, people, roles, tokens and the audit log."""

from playwright.sync_api import expect
from tests.browsing import browsing, check, settle, shoot


def test_the_workspace_tells_what_it_is_set_to_and_what_that_means(page, site):
    site.open(page, "/settings")
    for told in ("Europe/London", "Monday", "Smallest group shown", "30 days", "KEEPSUM_EXPORT_ROWS"):
        expect(page.get_by_role("main")).to_contain_text(told)
    # What cannot be changed says so, and what is changed elsewhere says where.
    for told in (
        "each sealed day was cut by it",
        "Each sealed day keeps the size that held",
        "keepsum workspaces packs",
        "as packs declare it",
    ):
        expect(page.get_by_role("main")).to_contain_text(told)
    check(page)
    shoot(page, "settings")


def test_an_owner_changes_the_smallest_group_and_reads_first_what_that_shows(page, browser, site):
    with browsing(browser) as theirs:
        site.enter(theirs, "admin")
        site.open(theirs, "/settings")
        expect(theirs.get_by_role("button", name="Change the smallest group shown")).to_have_count(0)
    site.open(page, "/settings")
    page.get_by_role("button", name="Change the smallest group shown").click()
    asking = page.get_by_role("dialog", name="Change the smallest group shown")
    expect(asking).to_contain_text("Days sealed before keep theirs")
    submit = asking.get_by_role("button", name="Change", exact=True)
    expect(submit).to_be_disabled()
    for size, told in (
        ("20", "fewer than 20 people will be hidden"),
        ("1", "single people"),
        ("5", "from 5 people on"),
    ):
        asking.get_by_label("Smallest group shown").fill(size)
        expect(asking.get_by_role("status")).to_contain_text(told)
        check(page)
    shoot(page, "settings-k")
    submit.click()
    expect(asking).to_be_hidden()
    expect(page.get_by_role("region", name="Workspace", exact=True)).to_contain_text("Smallest group shown5")
    site.open(page, "/settings/audit?kind=settings_changed")
    for told in ("Owner", "smallest group shown 5", "before 10"):
        expect(page.get_by_role("row", name="Settings changed").first).to_contain_text(told)
    site.open(page, "/operations/ledger")
    expect(page.get_by_text("Settings changed")).to_be_visible()
    check(page)


def test_an_owner_lets_weeks_begin_on_another_day(page, site):
    site.open(page, "/settings")
    page.get_by_role("button", name="Change the day weeks begin on").click()
    asking = page.get_by_role("dialog", name="Change the day weeks begin on")
    asking.get_by_role("combobox", name="Weeks begin on").click()
    page.get_by_role("option", name="Sunday").click()
    check(page)
    asking.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_role("region", name="Workspace", exact=True)).to_contain_text("Sunday")
    csrf = {"X-CSRF-Token": page.request.get(f"{site.address}/v1/session").json()["csrf"]}
    back = {"week_start": "monday", "k": 10}
    assert page.request.patch(f"{site.address}/v1/workspaces/default", data=back, headers=csrf).ok


def test_an_owner_renames_the_workspace_and_others_may_not(page, browser, site):
    with browsing(browser) as theirs:
        site.enter(theirs, "admin")
        site.open(theirs, "/settings")
        expect(theirs.get_by_role("button", name="Rename")).to_have_count(0)
    site.open(page, "/settings")
    page.get_by_role("button", name="Rename").click()
    asking = page.get_by_role("dialog", name="Rename default")
    asking.get_by_label("Name").fill("New York")
    asking.get_by_role("button", name="Rename").click()
    expect(asking.get_by_role("alert")).to_contain_text("use lower-case letters")
    check(page)
    asking.get_by_label("Name").fill("new-york")
    asking.get_by_role("button", name="Rename").click()
    expect(asking).to_be_hidden()
    expect(page.get_by_role("navigation", name="Main")).to_contain_text("new-york")
    expect(page.get_by_role("region", name="Workspace", exact=True)).to_contain_text("new-york")
    site.open(page, "/settings/audit?kind=workspace_renamed")
    expect(page.get_by_role("row", name="Workspace renamed")).to_contain_text("Owner")
    csrf = {"X-CSRF-Token": page.request.get(f"{site.address}/v1/session").json()["csrf"]}
    assert page.request.patch(f"{site.address}/v1/workspaces/default", data={"name": "default"}, headers=csrf).ok


def test_an_owner_invites_somebody_who_comes_in_with_the_link(page, browser, site):
    site.open(page, "/settings/people")
    page.get_by_role("button", name="Invite").click()
    asking = page.get_by_role("dialog", name="Invite somebody")
    asking.get_by_label("E-mail address").fill("owner@keepsum.example")
    asking.get_by_role("button", name="Invite").click()
    expect(asking.get_by_label("E-mail address")).to_have_attribute("aria-invalid", "true")
    expect(asking).to_contain_text("in the workspace already")
    check(page)
    asking.get_by_label("E-mail address").fill("bea@keepsum.example")
    asking.get_by_role("button", name="Invite").click()
    link = asking.get_by_label("Link").inner_text().strip()
    check(page)
    with browsing(browser) as theirs:
        theirs.goto(link)
        settle(theirs)
        theirs.get_by_label("Your name").fill("Bea")
        theirs.get_by_role("textbox", name="Password").fill("a sentence that only Bea knows")
        theirs.get_by_role("button", name="Come in").click()
        expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_role("row", name="Bea")).to_contain_text("viewer")


def act(page, name, what):
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=what).click()


def test_a_member_gets_other_roles_is_shut_out_let_in_and_taken_out(page, site):
    site.person("manager")
    site.open(page, "/settings/people")
    row = page.get_by_role("region", name="People", exact=True).get_by_role("row", name="Manager")
    act(page, "Manager", "Change roles")
    dialog = page.get_by_role("dialog", name="Roles of Manager")
    dialog.get_by_label("Team").fill("north")
    check(page)
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("north")
    teams = page.get_by_role("region", name="Teams")
    expect(teams.get_by_role("row", name="north")).to_contain_text("Manager")
    expect(teams).to_contain_text("a team changes nothing yet")
    check(page)
    act(page, "Manager", "Shut out")
    page.get_by_role("dialog").get_by_role("button", name="Shut out").click()
    expect(row).to_contain_text("Shut out")
    act(page, "Manager", "Let in again")
    page.get_by_role("dialog").get_by_role("button", name="Let in").click()
    expect(row).not_to_contain_text("Shut out")
    act(page, "Manager", "Take out of the workspace")
    remove = page.get_by_role("dialog").get_by_role("button", name="Take out")
    expect(remove).to_be_disabled()
    page.get_by_label("Type manager@keepsum.example to confirm").fill("manager@keepsum.example")
    remove.click()
    expect(row).to_have_count(0)
    check(page)


def test_the_last_owner_cannot_lose_the_role_and_what_was_picked_stays(page, site):
    site.open(page, "/settings/people")
    act(page, "Owner", "Change roles")
    dialog = page.get_by_role("dialog", name="Roles of Owner")
    dialog.get_by_role("combobox", name="Roles").press("Backspace")
    dialog.get_by_role("combobox", name="Roles").fill("viewer")
    page.get_by_role("option", name="viewer").click()
    dialog.get_by_label("Team").fill("south")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("combobox", name="Roles")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Team")).to_have_value("south")


def test_roles_tell_in_words_what_they_may_and_are_shown(page, site):
    site.open(page, "/settings/roles")
    expect(page.get_by_role("region", name="collector")).to_contain_text("Send records")
    expect(page.get_by_role("region", name="viewer")).to_contain_text("everybody’s rows, but not whose they are")
    check(page)


def test_a_token_is_shown_once_works_and_stops_when_it_is_revoked(page, site):
    site.open(page, "/settings/tokens")
    page.get_by_role("button", name="Make a token").click()
    asking = page.get_by_role("dialog", name="Make a token")
    asking.get_by_label("Name").fill("shop front")
    check(page)
    asking.get_by_role("button", name="Make", exact=True).click()
    text = asking.get_by_label("Token", exact=True).inner_text().strip()
    check(page)
    asking.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("main")).not_to_contain_text(text)
    row = page.get_by_role("row", name="shop front")
    expect(row).to_contain_text(text[:12])

    def sent():
        headers = {"authorization": f"Bearer {text}", "content-type": "application/json"}
        return page.request.post(f"{site.address}/v1/streams/lines/records", data="[]", headers=headers).status

    assert sent() == 200
    row.get_by_role("button", name="Revoke shop front").click()
    page.get_by_label("Type shop front to confirm").fill("shop front")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    check(page)
    page.wait_for_timeout(1_100)  # a token stops within a second
    assert sent() == 401


def test_the_audit_log_tells_who_did_what_and_is_narrowed_in_the_address(page, site):
    site.open(page, "/settings/audit")
    expect(page.get_by_role("row", name="Signed in").first).to_contain_text("Owner")
    check(page)
    page.get_by_role("combobox", name="Kind").click()
    page.get_by_role("option", name="Token made").click()
    expect(page).to_have_url(f"{site.address}/app/settings/audit?kind=token_made")
    expect(page.get_by_role("row", name="Signed in")).to_have_count(0)
    page.get_by_label("From").fill("2031-01-01")
    expect(page.get_by_text("No event fits these filters.")).to_be_visible()
    check(page)
