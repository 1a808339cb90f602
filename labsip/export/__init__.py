"""A lab's route as a deployment of a real Kamailio: a folder to copy to machines.

In: a route as Kamailio runs it (`lab_route` makes one of a kamailio.cfg, of a route in Python, of a KEMI script), and
how many machines there are. Out: files, as text, and a folder of them.

`deployment` says what there is of it: addresses, database. `node_files` writes the cfg of the nodes, `front_files` that
of the dispatcher before them and all the rest; both fill in `templates/`, whose files stand in the folder under the
same names. `advice` finds what a route would see otherwise, `folder` puts all of it on the disk at once.
"""

from labsip.export.deployment import DATABASES, MOST_NODES, SHARED, Deployment
from labsip.export.folder import write_folder
from labsip.export.front_files import deployment_files
from labsip.export.lab_route import LabRoute, route_of_cfg, route_of_kemi, route_of_script

__all__ = [
    "DATABASES",
    "MOST_NODES",
    "SHARED",
    "Deployment",
    "LabRoute",
    "deployment_files",
    "route_of_cfg",
    "route_of_kemi",
    "route_of_script",
    "write_folder",
]
