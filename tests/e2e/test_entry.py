"""Coming in and going out: signing in by mouse and by keyboard, one-time links, one's own account."""

import re

import pytest
from playwright.sync_api import expect
from tests.accounts import PASSWORD
from tests.browsing import PHONE, browsing, check, illustrate, settle, shoot

from keepsum.assemble.install import DEFAULT
from keepsum.model.access import machine
from keepsum.pipeline import letters, links


def fill_in(page, email, password=PASSWORD):
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("textbox", name="Password").fill(password)


def test_a_person_signs_in_with_the_mouse_and_goes_on_to_the_page_they_asked_for(stranger, site):
    site.open(stranger, "/account")
    expect(stranger).to_have_url(f"{site.address}/app/sign-in?next=%2Faccount")
    check(stranger)
    illustrate(stranger, "sign-in")
    fill_in(stranger, site.person("owner"))
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger).to_have_url(f"{site.address}/app/account")
    expect(stranger.get_by_role("heading", name="Account", level=1)).to_be_visible()
    check(stranger)
    shoot(stranger, "account")


def test_a_person_signs_in_with_the_keyboard(stranger, site):
    site.open(stranger, "/sign-in")
    stranger.keyboard.press("Tab")
    stranger.keyboard.type(site.person("owner"))
    stranger.keyboard.press("Tab")
    stranger.keyboard.type(PASSWORD)
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("button", name="Account of Owner")).to_be_visible()


def test_a_wrong_password_is_told_without_saying_what_was_wrong(stranger, site):
    site.open(stranger, "/sign-in")
    for email in (site.person("owner"), "nobody@keepsum.example"):
        fill_in(stranger, email, "not the password at all")
        stranger.get_by_role("button", name="Sign in").click()
        expect(stranger.get_by_role("alert")).to_contain_text("address or the password is not right")
    check(stranger)


def test_signing_in_never_leads_to_another_server(stranger, site):
    site.open(stranger, "/sign-in?next=//evil.example/")
    fill_in(stranger, site.person("owner"))
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("button", name="Account of Owner")).to_be_visible()
    assert stranger.url.startswith(f"{site.address}/app/")


def link_of(site, made):
    return letters.address_of(made, site.address)


def test_an_owner_comes_in_by_the_first_link_once(stranger, site):
    made = links.owner_link(site.install.accounts, machine(DEFAULT), now=site.clock())
    stranger.goto(link_of(site, made))
    settle(stranger)
    expect(stranger.get_by_role("heading", name="Welcome to your workspace")).to_be_visible()
    check(stranger)
    shoot(stranger, "link-owner")
    stranger.get_by_label("E-mail address").fill("zoe@keepsum.example")
    stranger.get_by_label("Your name").fill("Zoë 🦉")
    stranger.get_by_role("textbox", name="Password").fill(PASSWORD)
    stranger.get_by_role("button", name="Come in").click()
    expect(stranger.get_by_role("button", name="Account of Zoë 🦉")).to_be_visible()
    stranger.goto("about:blank")
    stranger.goto(link_of(site, made))
    expect(stranger.get_by_role("heading", name="This link does not work")).to_be_visible()
    check(stranger)


def test_an_invitation_says_what_one_will_be_and_leads_to_signing_in(stranger, site):
    made = links.invite(site.install.accounts, machine(DEFAULT), "bea@keepsum.example", ("analyst",), now=site.clock())
    stranger.goto(link_of(site, made))
    expect(stranger.get_by_text("lets you into a workspace as analyst")).to_be_visible()
    stranger.get_by_label("Your name").fill("Bea")
    stranger.get_by_role("textbox", name="Password").fill("short")
    stranger.get_by_role("button", name="Come in").click()
    expect(stranger.get_by_role("alert")).to_contain_text("12 to 256 characters")
    stranger.get_by_role("textbox", name="Password").fill(PASSWORD)
    stranger.get_by_role("button", name="Come in").click()
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    fill_in(stranger, "bea@keepsum.example")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("button", name="Account of Bea")).to_be_visible()


def test_a_server_without_mail_says_whom_to_ask_for_a_new_password(stranger, site):
    site.open(stranger, "/sign-in")
    stranger.get_by_role("link", name="Forgot the password?").click()
    check(stranger)
    stranger.get_by_label("E-mail address").fill("ann@keepsum.example")
    stranger.get_by_role("button", name="Send the link").click()
    expect(stranger.get_by_role("alert")).to_contain_text("ask an owner of the workspace")


def test_a_person_signs_out_and_nothing_is_left_to_see(page, site):
    site.open(page, "/account")
    page.get_by_role("button", name="Account of").click()
    check(page)
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(f"{site.address}/app/sign-in")
    page.go_back()
    expect(page).to_have_url(re.compile(r"/app/sign-in"))


def test_signing_out_everywhere_ends_the_sessions_of_other_browsers(browser, site):
    with browsing(browser) as here, browsing(browser) as there:
        for page in (here, there):
            site.enter(page, "admin")
            site.open(page, "/account")
        here.get_by_role("button", name="Sign out everywhere").click()
        check(here)
        here.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
        expect(here).to_have_url(f"{site.address}/app/sign-in")
        there.reload()
        expect(there).to_have_url(re.compile(r"/app/sign-in"))


def test_a_session_that_ends_under_an_open_page_is_taken_up_where_it_was(page, site):
    site.open(page, "/account")
    page.get_by_label("Password so far").fill("half a thought")
    page.context.clear_cookies()
    page.get_by_label("New password").fill("another half of it")
    page.get_by_role("button", name="Change the password").click()
    dialog = page.get_by_role("dialog", name="Your session has ended")
    expect(dialog).to_be_visible()
    check(page)
    shoot(page, "lapsed")
    dialog.get_by_role("textbox", name="Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Password so far")).to_have_value("half a thought")


def test_the_interface_speaks_german_and_remembers_it(page, site):
    site.open(page, "/account")
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitemradio", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Konto", level=1)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Konto", level=1)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    check(page)
    shoot(page, "account-german")


@pytest.mark.parametrize("how", [{"color_scheme": "dark"}, {"color_scheme": "light", "viewport": PHONE}])
def test_pages_can_be_read_in_the_dark_and_on_a_phone(browser, site, how):
    name = "-".join(("dark",) if "viewport" not in how else ("phone",))
    with browsing(browser, **how) as page:
        site.open(page, "/sign-in")
        check(page)
        shoot(page, f"sign-in-{name}")
        site.enter(page)
        site.open(page, "/account")
        check(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page is wider than the screen"
        shoot(page, f"account-{name}")


def test_on_a_phone_the_menu_opens_over_the_page_and_goes_away_again(browser, site):
    with browsing(browser, viewport=PHONE) as page:
        site.enter(page)
        site.open(page, "/account")
        account = page.get_by_role("button", name="Account of")
        expect(account).to_be_hidden()
        page.get_by_role("button", name="Open the menu").click()
        expect(account).to_be_visible()
        check(page)
        shoot(page, "menu-phone")
        page.keyboard.press("Escape")
        expect(account).to_be_hidden()


def test_the_keyboard_skips_the_navigation(page, site):
    site.open(page, "/account")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
