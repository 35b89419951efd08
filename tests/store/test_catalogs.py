from sqlalchemy.engine import make_url
from tests.databases import opened

from keepsum.model.reach import Reference, Trigger
from keepsum.store.homes.attached import AttachedDatabase
from keepsum.store.homes.catalogs import column_types, schema

TABLES = (
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER)",
    (
        "CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER,"
        " FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE)"
    ),
    (
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, order_id INTEGER,"
        " FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE SET NULL)"
    ),
    "CREATE TABLE invoices (id INTEGER PRIMARY KEY, order_id INTEGER, FOREIGN KEY (order_id) REFERENCES orders (id))",
)
SQLITE_TRIGGERS = (
    "CREATE TRIGGER gone AFTER DELETE ON orders BEGIN SELECT 1; END",
    'CREATE TRIGGER "delete on orders" AFTER INSERT ON orders BEGIN DELETE FROM items; END',
    "create trigger if not exists main.[some] update of total on orders begin select 1; end",
)
POSTGRES_TRIGGERS = (
    "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "CREATE TRIGGER gone BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION nothing()",
    "CREATE TRIGGER came BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION nothing()",
    "CREATE TRIGGER off BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION nothing()",
    "ALTER TABLE orders DISABLE TRIGGER off",
)
MYSQL_TRIGGERS = (
    "CREATE TRIGGER gone AFTER DELETE ON orders FOR EACH ROW SET @gone = OLD.id",
    "CREATE TRIGGER came AFTER INSERT ON orders FOR EACH ROW SET @came = NEW.id",
)
TRIGGERS = {"sqlite": SQLITE_TRIGGERS, "postgres": POSTGRES_TRIGGERS, "mysql": MYSQL_TRIGGERS}


def seen(database, url=None):
    with AttachedDatabase(url or database.url).snapshot() as reading:
        return schema(reading, database.dialect)


def of(found, *tables):
    return [one for one in found.references if one.parent in tables]


def pointing(table, rule):
    return Reference(table=table, columns=("order_id",), parent="orders", parent_columns=("id",), rule=rule)


def test_every_reference_to_a_table_is_found_with_what_a_delete_does_to_it(database):
    database.execute(*TABLES)
    found = seen(database)
    rules = [("invoices", "restrict"), ("items", "cascade"), ("notes", "set null")]
    assert of(found, "orders") == [pointing(*rule) for rule in rules]
    assert {"orders", "items", "notes", "invoices"} <= set(found.tables)
    assert found.triggers == ()


def test_a_reference_of_several_columns_is_one(database):
    database.execute(
        "CREATE TABLE shops (land INTEGER, place INTEGER, PRIMARY KEY (land, place))",
        "CREATE TABLE tills (id INTEGER PRIMARY KEY, shop_land INTEGER, shop_place INTEGER,"
        " FOREIGN KEY (shop_land, shop_place) REFERENCES shops (land, place) ON DELETE CASCADE)",
    )
    (found,) = of(seen(database), "shops")
    assert (found.columns, found.parent_columns) == (("shop_land", "shop_place"), ("land", "place"))


def test_triggers_on_deletes_are_found_and_no_others(database):
    database.execute(TABLES[0], *TRIGGERS[database.dialect])
    assert seen(database).triggers == (Trigger(table="orders", name="gone"),)


def test_a_view_is_no_table_to_delete_from(database):
    database.execute(TABLES[0], "CREATE VIEW paid AS SELECT id FROM orders WHERE total > 0")
    assert "paid" not in seen(database).tables


def test_a_rule_of_postgresql_on_deletes_counts_as_a_trigger(tmp_path):
    for database in opened("postgres", tmp_path):
        database.execute(TABLES[0], "CREATE RULE kept AS ON DELETE TO orders DO INSTEAD NOTHING")
        assert seen(database).triggers == (Trigger(table="orders", name="kept"),)


def test_what_hangs_on_a_partition_of_postgresql_hangs_on_its_table(tmp_path):
    for database in opened("postgres", tmp_path):
        database.execute(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY) PARTITION BY RANGE (id)",
            "CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM (1) TO (1000)",
            "CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders_1 (id) ON DELETE CASCADE)",
        )
        assert of(seen(database), "orders") == [pointing("items", "cascade")]


def test_tables_of_mysql_without_transactions_are_none_to_delete_from(tmp_path):
    for database in opened("mysql", tmp_path):
        database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY) ENGINE = MyISAM")
        assert "orders" not in seen(database).tables


def test_mysql_hides_triggers_from_a_role_that_may_not_see_them_and_that_is_said(tmp_path):
    for database in opened("mysql", tmp_path):
        url = make_url(database.url)
        role = f"keepsum_x_{url.database}"[:30]
        database.execute(TABLES[0], TABLES[1], f"CREATE USER {role}@'%%' IDENTIFIED BY 'pw'")
        try:
            database.execute(f"GRANT SELECT, DELETE ON {url.database}.* TO {role}@'%%'")
            database.execute(f"GRANT TRIGGER ON {url.database}.items TO {role}@'%%'")
            mine = url.set(username=role, password="pw").render_as_string(hide_password=False)
            assert set(seen(database, mine).hidden) & {"orders", "items"} == {"orders"}
        finally:
            database.execute(f"DROP USER {role}@'%%'")
        assert "orders" not in seen(database).hidden


def test_the_types_of_columns_are_those_that_their_database_says(served):
    is_postgres = served.dialect == "postgres"
    q, moment = ('"', "timestamptz") if is_postgres else ("`", "datetime(3)")
    served.execute(
        *(["CREATE DOMAIN moment AS timestamptz"] if is_postgres else []),
        f"CREATE TABLE {q}Our order{q} (id integer, {q}at{q} {'moment' if is_postgres else moment}, note varchar(9))",
    )
    with AttachedDatabase(served.url).snapshot() as reading:
        found = column_types(reading, served.dialect, ["Our order", "nothing"])
    kinds = ("int4", "timestamptz", "varchar") if is_postgres else ("int", "datetime", "varchar")
    assert found == dict(zip((("Our order", name) for name in ("id", "at", "note")), kinds, strict=True))
