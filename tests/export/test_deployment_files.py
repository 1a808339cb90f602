"""The folder of `labsip export`: what is in it, and what those say who would read it."""

from __future__ import annotations

import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from labsip.dialects.cfg.reading import parse_cfg
from labsip.dialects.translation import kemi_text, script_of_routes
from labsip.export import (
    Deployment,
    LabRoute,
    deployment_files,
    route_of_cfg,
    route_of_kemi,
    route_of_script,
    write_folder,
)
from labsip.sip.errors import LabError
from labsip.steps import STEPS
from tests.conftest import missing

NAMES = [name for name in STEPS if name != "full"]
CFG = """\
#!KAMAILIO
#!define DBURL "mysql://kamailio:hidden@db.example/kamailio"
#!define FLAG 5
#!ifdef WITH_NOTHING
debug=4
#!endif
listen=tcp:198.51.100.1:5060
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "usrloc.so"
loadmodule "auth_db.so"
modparam("usrloc", "db_url", DBURL)
modparam("auth_db", "db_url", DBURL)
# what they ask for
request_route {
    # a comment
    setflag(FLAG);
    sl_send_reply("480", "Nobody");
}
"""


def files_of(route: LabRoute, count: int = 3, database: str = "none") -> dict[str, str]:
    files = deployment_files(route, Deployment.of(count, database=database))
    return {path: file.text for path, file in files.items()}


def step(name: str) -> LabRoute:
    return route_of_script(script_of_routes(STEPS[name], {}))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_kamailio_takes_the_cfg_of_each_steps_route(
    name: str, count: int, need: Callable[[str], str], tmp_path: Path
) -> None:
    write_folder(tmp_path / "out", deployment_files(step(name), Deployment.of(count)))
    check(need, tmp_path / "out" / "kamailio" / "node1.cfg")


@pytest.mark.parametrize("database", ["sqlite", "mysql"])
def test_kamailio_takes_a_cfg_with_a_database(database: str, need: Callable[[str], str], tmp_path: Path) -> None:
    write_folder(tmp_path / "out", deployment_files(step("auth"), Deployment.of(2, database=database)))
    check(need, tmp_path / "out" / "kamailio" / "node2.cfg")


def test_kamailio_takes_a_kamailio_cfg_again_with_its_comments(need: Callable[[str], str], tmp_path: Path) -> None:
    write_folder(tmp_path / "out", deployment_files(route_of_cfg(parse_cfg(CFG, "k.cfg").cfg), Deployment.of(3)))
    check(need, tmp_path / "out" / "kamailio" / "node3.cfg")
    check(need, tmp_path / "out" / "kamailio" / "front.cfg")
    routes = (tmp_path / "out" / "kamailio" / "routes.cfg").read_text()
    assert "# what they ask for\nroute[LAB_REQUEST] {\n    # a comment\n    setflag(FLAG);\n" in routes


def check(need: Callable[[str], str], file: Path) -> None:
    run = subprocess.run([need("kamailio"), "-c", "-f", file], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_passwords_are_in_files_that_nobody_else_may_read(tmp_path: Path) -> None:
    for number, route in enumerate([step("auth"), route_of_cfg(parse_cfg(CFG, "k.cfg").cfg)]):
        deployment = Deployment.of(3, database="postgres")
        folder = tmp_path / str(number)
        write_folder(folder, deployment_files(route, deployment))
        for file in folder.rglob("*"):
            if file.is_file() and re.search(f"{deployment.password}|secret106|hidden", file.read_text()):
                assert file.name == "secrets.cfg"
                assert file.stat().st_mode & 0o777 == 0o600


def test_a_kemi_script_is_taken_for_a_secret() -> None:
    route = route_of_kemi({"mine.py": kemi_text(script_of_routes(STEPS["auth"], {}))})
    files = deployment_files(route, Deployment.of(2))
    assert files["kamailio/mine.py"].mode == 0o600
    assert 'import_module("mine")' in files["kamailio/entry.py"].text
    compile(files["kamailio/entry.py"].text, "entry.py", "exec")
    compile(files_of(route, 1)["kamailio/entry.py"], "entry.py", "exec")


def test_a_nonce_of_one_node_is_good_for_the_others() -> None:
    deployment = Deployment.of(3)
    secrets = deployment_files(step("auth"), deployment)["kamailio/secrets.cfg"].text
    assert f'modparam("auth", "secret", "{deployment.nonces}")' in secrets
    own = parse_cfg('loadmodule "auth.so"\nmodparam("auth", "secret", "mine")\nrequest_route { exit; }\n', "k.cfg").cfg
    files = deployment_files(route_of_cfg(own), deployment)
    assert files["kamailio/secrets.cfg"].text.count('"secret"') == 1
    assert '"mine"' not in files["kamailio/modules.cfg"].text


def test_two_deployments_have_not_the_same_password() -> None:
    assert Deployment.of(2).password != Deployment.of(2).password


def test_no_gap_of_a_template_is_left() -> None:
    for count in (1, 2, 9):
        for path, text in files_of(step("blocks"), count, "sqlite").items():
            assert not re.search(r"@[A-Z]+@", text), path


def test_the_readme_names_each_file_and_what_has_not_been_tried() -> None:
    for count in (1, 3):
        files = files_of(step("blocks"), count)
        readme = files["README.md"]
        for path in files:
            folder, _, name = path.rpartition("/")
            assert name in readme or f"`{folder}/`" in readme or re.fullmatch(r"node\d\.cfg|README.md", name), path
        assert "**Not tried**" in readme or "What has not been tried" in readme
        assert all(f"**{version}**" in readme for version in ("5.7", "5.8", "6.0"))


def test_the_readme_says_what_a_route_sees_otherwise() -> None:
    readme = files_of(route_of_cfg(parse_cfg(CFG.replace("setflag(FLAG)", "pike_check_req()"), "k.cfg").cfg))[
        "README.md"
    ]
    assert "pike" in readme
    assert "`listen=tcp:198.51.100.1:5060`" in readme
    assert "`--db` gives each node one of its own" in readme


def test_systemd_takes_the_unit(need: Callable[[str], str], tmp_path: Path) -> None:
    need("kamailio")
    unit = tmp_path / "kamailio-lab@node1.service"
    unit.write_text(files_of(step("blocks"))["systemd/kamailio-lab@.service"])
    run = subprocess.run([need("systemd-analyze"), "verify", unit], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.fixture
def kubernetes_validate(need: Callable[[str], str]) -> ModuleType:
    """The schemas of Kubernetes."""
    need("kamailio")  # before them, which only the environment with all programs has
    try:
        import kubernetes_validate
    except ImportError:
        missing("no kubernetes-validate here")
    return kubernetes_validate


@pytest.mark.parametrize("database", ["none", "sqlite"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("version", ["1.25", "1.32"])
def test_the_manifests_are_as_their_schemas_want_them(
    count: int, database: str, version: str, kubernetes_validate: ModuleType
) -> None:
    import yaml

    for path, text in files_of(step("blocks"), count, database).items():
        if path.startswith("kubernetes/"):
            for manifest in yaml.safe_load_all(text):
                kubernetes_validate.validate(manifest, version, strict=True)


def test_the_kustomization_names_files_that_are_there_and_keeps_secrets_apart() -> None:
    files = deployment_files(step("auth"), Deployment.of(3))
    opened, _, secret = files["kustomization.yaml"].text.partition("secretGenerator")
    named = re.findall(r"- ((?:kamailio|kubernetes)/\S+)", opened)
    hidden = re.findall(r"- (kamailio/\S+)", secret)
    assert {*named, *hidden} == {path for path in files if path.startswith(("kamailio/", "kubernetes/"))}
    assert hidden == ["kamailio/secrets.cfg"]


def test_scripts_and_scenarios_can_be_read(need: Callable[[str], str], tmp_path: Path) -> None:
    for count, database in ((1, "sqlite"), (3, "sqlite"), (3, "none")):
        for path, text in files_of(step("blocks"), count, database).items():
            if path in ("container/start", "container/healthy"):
                (tmp_path / "script").write_text(text)
                assert subprocess.run([need("sh"), "-n", tmp_path / "script"], check=False).returncode == 0
            if path.startswith("sipp/"):
                assert ET.fromstring(text).tag == "scenario"


def test_a_pod_begins_with_its_own_address_and_its_peers_name(need: Callable[[str], str], tmp_path: Path) -> None:
    start = files_of(step("blocks"))["container/start"]
    start = start.replace("/run/kamailio", str(tmp_path)).replace("/usr/sbin/kamailio", "echo")
    told = {"POD_IP": "10.1.2.3", "POD_NAME": "node-2", "PEERS_NAME": "nodes"}
    write_folder(tmp_path / "out", deployment_files(step("blocks"), Deployment.of(3)))
    start = start.replace("/etc/kamailio", str(tmp_path / "out" / "kamailio"))
    subprocess.run([need("sh"), "-c", start, "start", "node"], env=os.environ | told, check=True, capture_output=True)
    written = (tmp_path / "node.cfg").read_text()
    assert '"!NODE_HOST!10.1.2.3!g"' in written
    assert '"!NODE_NAME!node3!g"' in written
    check(need, tmp_path / "node.cfg")


@pytest.mark.parametrize(
    ("count", "shared", "nodes", "said"),
    [
        (3, "sip.example", (), "is no IPv4 address"),
        (3, "192.0.2.10", ("192.0.2.11",), "3 nodes need 3 addresses"),
        (2, "192.0.2.10", ("192.0.2.11", "192.0.2.11"), "are the same"),
        (3, "255.255.255.254", (), "no 3 addresses behind"),
    ],
)
def test_addresses_that_cannot_be_are_refused(count: int, shared: str, nodes: tuple[str, ...], said: str) -> None:
    with pytest.raises(LabError, match=said):
        Deployment.of(count, shared, nodes)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(LabError, match="is not empty"):
        write_folder(tmp_path, deployment_files(step("blocks"), Deployment.of(3)))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_empty_folder_is_filled_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    write_folder(folder, deployment_files(step("blocks"), Deployment.of(3)))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (folder / "README.md").is_file()
    assert os.access(folder / "container" / "start", os.X_OK)


def test_a_disk_that_takes_nothing_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "chmod", full)
    with pytest.raises(LabError, match="No space left"):
        write_folder(tmp_path / "out", deployment_files(step("blocks"), Deployment.of(3)))
    assert not [*tmp_path.iterdir()]
