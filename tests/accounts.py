"""What tests of people and tokens share: a control file with its vault, and ways in."""

from tests.control_file import open_control
from tests.systems import SHOP

from keepsum.model.access import ROLES
from keepsum.model.catalog import Catalog
from keepsum.pipeline.accounts import Accounts
from keepsum.pipeline.passwords import Passwords
from keepsum.store import accounts, audit, tokens
from keepsum.store.accounts import Member
from keepsum.store.vault import open_vault

SECOND = 1_000_000
MINUTE, DAY = 60 * SECOND, 86_400 * SECOND
NOON = 1_790_000_000 * SECOND
PASSWORD = "three words and a comma"
PASSWORDS = Passwords(memory=64)
HASHED = PASSWORDS.hashed(PASSWORD)
EMAIL, NAME = "zyxomma@petiolatum.example", "Zyxomma Petiolatum"


def catalog(_workspace):
    return Catalog((SHOP,))


def roles(_workspace):
    return ROLES


class Install:
    """A control file and its keys in a folder, without workspaces."""

    def __init__(self, folder, given=""):
        self.folder = folder
        (folder / "data").mkdir(parents=True, exist_ok=True)
        self.path = folder / "data" / "control.db"
        self.control = open_control(self.path)
        self.vault = self.open_vault(given)

    def open_vault(self, given=""):
        self.vault = open_vault(self.control, self.folder / "keys", self.folder / "data", given)
        return self.vault

    @property
    def accounts(self):
        """All of it together, with passwords that cost little."""
        return Accounts(control=self.control, vault=self.vault, passwords=PASSWORDS, catalog=catalog)

    def events(self, kind=None):
        """What the audit log says, the oldest first."""
        with self.control.read() as connection:
            found = reversed(list(audit.newest(connection)))
            return [event for event in found if kind is None or event.kind is kind]

    def person(self, email=EMAIL, *, name=NAME, password=HASHED, workspace="default", given=("owner",), **member):
        """Store a member, and give the person."""
        with self.control.write() as connection:
            cipher = self.vault.under(connection)
            made = accounts.add_person(connection, cipher, email=email, name=name, password=password, now=NOON)
            usual = {"workspace": workspace, "actor": None, "team": None, "created_at": NOON}
            accounts.put_member(connection, Member(person=made.id, roles=tuple(given), **usual | member))
        return made

    def token(self, *, workspace="default", role="viewer", streams=None, until=None, made_by="machine"):
        """Store a token; give what is known of it, and its text."""
        with self.control.write() as connection:
            return tokens.add(
                connection, workspace=workspace, name="test", role=role, streams=streams, made_by=made_by,
                now=NOON, until=until,
            )  # fmt: skip

    def bytes(self):
        """Every byte of the data directory."""
        return b"".join(path.read_bytes() for path in (self.folder / "data").rglob("*") if path.is_file())
