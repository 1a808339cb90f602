"""What outlives the process, in files and SQLite tables (Kamailio's db modules).

`users` who has which password, read again when told · `lists` addresses and destinations · `location` the location
table on disk · `sql` a file routes may ask · `sqlite` opens any of them · `urls` where a db_url leads, `schema`
Kamailio's tables. The core opens no file: what is made here is handed to it by whoever builds the proxy, a mapping
(`Settings.users`), a text (`Settings.address_list`, `dispatcher_list`), a store (`usrloc.Store`) or a connection
(`Settings.sqlcon`).
"""

from labsip.db.lists import read_addresses, read_destinations
from labsip.db.location import LocationFile
from labsip.db.sql import SqlFile
from labsip.db.urls import databases, read_db_url
from labsip.db.users import ReadAgain, read_users
from labsip.modules.databases import quoted

__all__ = [
    "LocationFile",
    "ReadAgain",
    "SqlFile",
    "databases",
    "quoted",
    "read_addresses",
    "read_db_url",
    "read_destinations",
    "read_users",
]
