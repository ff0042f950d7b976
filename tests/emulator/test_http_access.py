# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Who may ask an emulator that serves: programs on this machine, and no web page; and nothing it does leaves the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from moto.core.base_backend import BackendDict
from support.codedeploy_shop import zipped
from support.plays import Emulator, Server
from werkzeug.test import Client, TestResponse

from slipway_emulator import http_access
from slipway_emulator.faults import faults
from slipway_emulator.ledger import ledger
from slipway_emulator.server import Application

ROOT = Path(__file__).parents[2]
KEYS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
TARGET = {"X-Amz-Target": "CodeDeploy_20141006.ListApplications", "Content-Type": "application/x-amz-json-1.1"}
ANY = "0.0.0.0"  # noqa: S104  # nothing is bound to it
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def page() -> Iterator[Client]:
    """What sends requests as a browser or a program would."""
    client = Client(Application())
    BackendDict.reset()
    yield client
    BackendDict.reset()


def signed(
    service: str, headers: dict[str, str], data: bytes = b"{}", url: str = "http://127.0.0.1/"
) -> dict[str, str]:
    request = AWSRequest("POST", url, headers=headers, data=data)
    SigV4Auth(KEYS, service, "eu-west-1").add_auth(request)
    return dict(request.headers.items())


def listed(page: Client, host: str = "127.0.0.1:5577", **more: str) -> TestResponse:
    """ListApplications as the SDK sends it, to this Host and with more headers."""
    headers = {**signed("codedeploy", TARGET), "Host": host, **{k.replace("_", "-"): v for k, v in more.items()}}
    return page.post("/", data=b"{}", headers=headers)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:5577",
        "127.0.0.1",
        "127.8.9.10:1",
        "localhost:5577",
        "LOCALHOST",
        "localhost.:5577",
        "bundles.localhost:5577",
        "my.bundles.localhost",
        "[::1]:5577",
        "codedeploy.eu-west-1.amazonaws.com",
        "bundles.s3.eu-west-1.amazonaws.com",
        "s3.cn-north-1.amazonaws.com.cn",
        "ec2.eu-west-1.api.aws",
    ],
)
def test_hosts_that_programs_ask(page: Client, host: str) -> None:
    answer = listed(page, host)
    assert (answer.status_code, json.loads(answer.text)) == (200, {"applications": []})


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:5577",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evillocalhost",
        "amazonaws.com.evil.example",
        "evilamazonaws.com",
        "169.254.169.254",
        "10.0.0.7:5577",
        "[2001:db8::1]:5577",
        "2130706433",
        "127.0.0.1@evil.example",
        "127.0.0.1, evil.example",
        "127.0.0.1:5577:5577",
        "localhost/evil.example",
        "",
    ],
)
def test_foreign_hosts_are_refused(page: Client, host: str) -> None:
    answer = listed(page, host)
    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"] == "AccessDenied"
    assert "use 127.0.0.1 or localhost" in answer.text
    assert len(ledger) == 0
    told = page.get("/slipway-emulator/hosts", headers={"Host": host})
    assert (told.status_code, list(told.json)) == (403, ["error"])


@pytest.mark.parametrize(
    ("bound", "host", "answered"),
    [
        (ANY, "10.0.0.7:5577", True),
        ("::", "[2001:db8::1]", True),
        (ANY, "evil.example", False),
        ("10.0.0.7", "10.0.0.7:5577", True),
        ("10.0.0.7", "10.0.0.8:5577", False),
        ("build.example", "build.example", True),
        ("127.0.0.1", "[::ffff:127.0.0.1]", True),
    ],
)
def test_the_address_that_is_listened_on(bound: str, host: str, answered: bool) -> None:
    assert (http_access.refusal({"HTTP_HOST": host}, bound) is None) is answered


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:5577"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "same-origin"},
    ],
)
def test_web_pages_are_refused(page: Client, headers: dict[str, str]) -> None:
    answer = listed(page, **headers)
    assert answer.status_code == 403
    assert "does not answer to web pages" in answer.text
    assert not [name for name, _value in answer.headers if name.lower().startswith("access-control")]
    assert listed(page, Sec_Fetch_Site="none").status_code == 200


def test_no_answer_invites_other_origins(page: Client) -> None:
    for answer in (listed(page), page.get("/slipway-emulator/health"), page.options("/bundles"), page.get("/nowhere")):
        assert not [name for name, _value in answer.headers if name.lower().startswith("access-control")]


# What a page can send without asking the browser's leave: simple methods, simple types.
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"]
)
@pytest.mark.parametrize("endpoint", ["clock", "faults", "reset"])
def test_control_takes_nothing_but_json(page: Client, endpoint: str, kind: str) -> None:
    body = json.dumps({"speed": 9, "kind": "throttle"}).encode()
    answer = page.post(f"/slipway-emulator/{endpoint}", data=body, headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert "Content-Type: application/json" in answer.json["error"]
    assert faults.as_json() == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}]
)
@pytest.mark.parametrize(
    ("method", "endpoint"), [("POST", "faults"), ("GET", "ledger"), ("DELETE", "ledger"), ("OPTIONS", "clock")]
)
def test_control_answers_no_page(page: Client, headers: dict[str, str], method: str, endpoint: str) -> None:
    answer = page.open(f"/slipway-emulator/{endpoint}", method=method, data=b"{}", headers={**JSON, **headers})
    assert (answer.status_code, list(answer.json)) == (403, ["error"])


def test_control_resets_the_world(page: Client) -> None:
    faults.add({"kind": "throttle"})
    assert page.get("/slipway-emulator/reset").status_code == 405
    assert page.post("/slipway-emulator/reset", data=b"{}", headers=JSON).status_code == 200
    assert faults.as_json() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/moto-api/"),
        ("GET", "/moto-api/data.json"),
        ("GET", "/moto-api/reset"),
        ("POST", "/moto-api/reset-auth"),
        ("POST", "/moto-api/seed?a=42"),
        ("POST", "/moto-api/config"),
        ("POST", "/moto-api/state-manager/set-transition"),
        ("POST", "/moto-api/recorder/start-recording"),
        ("POST", "/moto-api/recorder/reset-recording"),
        ("POST", "/moto-api/recorder/upload-recording"),
        ("POST", "/moto-api/recorder/replay-recording"),
        ("POST", "/moto-api/proxy/passthrough"),
        ("GET", "/latest/meta-data/iam/security-credentials/default-role"),
        ("PUT", "/latest/api/token"),
        ("GET", "/favicon.ico"),
    ],
)
def test_motos_own_endpoints_are_not_built(
    page: Client, method: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = page.open(path, method=method, data=b"{}", headers=signed("s3", JSON))
    assert answer.status_code == 501
    assert "is not built in this emulator" in answer.text
    assert list(tmp_path.iterdir()) == []


def test_motos_clients_still_empty_the_world(page: Client) -> None:
    faults.add({"kind": "throttle"})
    assert page.post("/moto-api/reset").status_code == 200
    assert faults.as_json() == []


@pytest.mark.parametrize(
    "service", ["eks", "events", "apigateway", "batch", "firehose", "stepfunctions", "states", "nosuch"]
)
def test_services_that_nobody_needs_are_not_built(page: Client, service: str) -> None:
    headers = signed(service, {"X-Amz-Target": "X.DoIt", "Content-Type": "application/x-amz-json-1.1"})
    answer = page.post("/", data=b"{}", headers=headers)
    assert answer.status_code == 501
    assert "is not built in this emulator" in answer.text and "<!doctype" not in answer.text.lower()


def test_a_service_named_by_the_path_is_not_built_either(page: Client) -> None:
    answer = page.get("/batch_eu-west-1/v1/describejobqueues")
    assert answer.status_code == 501
    assert "is not built" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/", b"Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount=1&MaxCount=1"),
        ("POST", "/", b"{}"),
        ("PUT", "/bundles", b""),
        ("DELETE", "/bundles/app.zip", b""),
    ],
)
def test_unsigned_requests_are_refused(page: Client, method: str, path: str, body: bytes) -> None:
    answer = page.open(path, method=method, data=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 403
    assert "Request is missing Authentication Token" in answer.text


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    server = Server()
    yield Emulator(server.address)
    server.stop()


def test_buckets_are_reached_by_virtual_host_and_by_presigned_url(served: Emulator) -> None:
    local = served.address.replace("127.0.0.1", "localhost")
    s3 = boto3.client(
        "s3",
        region_name="eu-west-1",
        endpoint_url=local,
        aws_access_key_id=KEYS.access_key,
        aws_secret_access_key=KEYS.secret_key,
        config=Config(s3={"addressing_style": "virtual"}, retries={"max_attempts": 0}),
    )
    s3.meta.events.register("before-send.s3", _to_loopback)
    s3.create_bucket(Bucket="my-bundles", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="my-bundles", Key="app.zip", Body=b"PK")
    assert s3.get_object(Bucket="my-bundles", Key="app.zip")["Body"].read() == b"PK"
    path_style = served.client("s3", "eu-west-1")
    assert [b["Name"] for b in path_style.list_buckets()["Buckets"]] == ["my-bundles"]
    url = path_style.generate_presigned_url("get_object", Params={"Bucket": "my-bundles", "Key": "app.zip"})
    assert served._ask(url.removeprefix(f"{served.address}/"), "GET", None) == b"PK"


def _to_loopback(request: Any, **_more: Any) -> None:
    """Not every resolver knows that *.localhost is this machine; the Host header keeps the bucket."""
    host = request.url.split("/")[2]
    request.headers["Host"] = host
    request.url = request.url.replace(host, f"127.0.0.1:{host.rpartition(':')[2]}", 1)


def test_subscribers_outside_are_not_called(served: Emulator) -> None:
    called: list[str] = []

    class Subscriber(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            called.append(self.path)

    listener = HTTPServer(("127.0.0.1", 0), Subscriber)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    sns, sqs = served.client("sns"), served.client("sqs")
    topic = sns.create_topic(Name="told")["TopicArn"]
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{listener.server_port}/hook")
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://169.254.169.254/latest")
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    assert sns.publish(TopicArn=topic, Message="hello")["MessageId"]
    assert "hello" in sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"]
    listener.shutdown()
    assert called == []


def test_lambda_reaches_for_nothing(served: Emulator) -> None:
    role = served.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = {"ZipFile": zipped({"f.py": ""})}
    functions = served.client("lambda")
    functions.create_function(FunctionName="f", Role=role, Runtime="python3.13", Handler="f.f", Code=code)
    assert functions.invoke(FunctionName="f", Payload=b"{}")["Payload"].read() == b"{}"
    with pytest.raises(ClientError, match="lambda GetFunctionRecursionConfig is not built in this emulator"):
        functions.get_function_recursion_config(FunctionName="f")


CONFINED = """
import socket, subprocess, sys
from slipway_emulator.confinement import Confined, confine
confine()
listener = socket.create_server(("127.0.0.1", 0))
socket.create_connection(listener.getsockname()).close()
socket.create_connection(("localhost", listener.getsockname()[1])).close()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
unix = socket.socket(socket.AF_UNIX)
for what, act in {
    "address": lambda: socket.create_connection(("192.0.2.1", 80), 1),
    "metadata": lambda: socket.socket().connect(("169.254.169.254", 80)),
    "name": lambda: socket.getaddrinfo("evil.example", 80),
    "old name": lambda: socket.gethostbyname("evil.example"),
    "datagram": lambda: udp.sendto(b"x", ("192.0.2.1", 53)),
    "docker": lambda: unix.connect("/var/run/docker.sock"),
    "program": lambda: subprocess.run(["true"]),
    "shell": lambda: __import__("os").system("true"),
    "six": lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)),
}.items():
    try:
        act()
    except Confined:
        continue
    sys.exit(f"{what} got out")
print("confined")
"""


def test_nothing_leaves_a_served_emulator() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "emulator")}
    ran = subprocess.run([sys.executable, "-c", CONFINED], env=environment, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("confined\n", "")


def test_a_served_emulator_is_confined(served: Emulator, tmp_path: Path) -> None:
    """Seen from outside: the audit hook stands in the process that listens."""
    watched = "import sys, slipway_emulator.server as s; sys.addaudithook = lambda h: print(h.__module__) or sys.exit(0); s.main(['--port', '0'])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "emulator")}
    ran = subprocess.run([sys.executable, "-c", watched], env=environment, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines()[-1] == "slipway_emulator.confinement"
