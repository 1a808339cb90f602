"""What outlives the process, in files and SQLite tables (Kamailio's db modules).

`users` who has which password · `location` the location table on disk. The core opens no file: what is made here is
handed to it, a mapping (`Settings.users`) or a store (`usrloc.Store`), by who builds the proxy.
"""

from labsip.db.location import LocationFile
from labsip.db.users import read_users

__all__ = ["LocationFile", "read_users"]
