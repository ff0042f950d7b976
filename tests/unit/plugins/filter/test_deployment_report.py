# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report tells what happened, and what hosts say in it is text."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from ansible.errors import AnsibleFilterError
from support.fleets import GROUP, Fleet
from support.modules import run_module

from ansible_collections.slipway.aws.plugins.filter.deployment_report import deployment_report
from ansible_collections.slipway.aws.plugins.module_utils._text import all_shown
from ansible_collections.slipway.aws.plugins.plugin_utils._files.document import Data, Log, Table, to_html, to_markdown
from ansible_collections.slipway.aws.plugins.plugin_utils._files.masking import masked

ALLOWED = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "p",
        "code",
        "pre",
        "table",
        "thead",
        "tbody",
        "tr",
    ),
    *("th", "td", "div", "span"),
}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "style", "title"}
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "closes": "</code></pre></td></table></style></title><img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "entities": "&lt;b&gt; &#60;b&#62; &amp;lt; &notit; &#x3c",
    "comment": "--><!-- <![CDATA[ ]]> <?php",
    "terminal": "\x1b]8;;http://evil\x07x\x1b[2J\x9b2J\x00\x08",
    "bidi": "\u202eevil\u2066\u200b\ufeff",
    "markdown": "```\n# heading\n[x](javascript:alert(1)) ![y](http://evil) | a | b |\n~~~\n",
    "link": "http://evil.example/ www.evil.example mailto:a@b",
    "uri": "javascript:alert(1) data:text/html,<b>",
    "surrogate": "\ud800",
}


class Strict(HTMLParser):
    """Every tag is known and closed where it must be; collects the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED and {name for name, _value in attrs} <= ATTRIBUTES, (tag, attrs)
        self.open += [] if tag == "meta" else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_pi = unknown_decl = handle_comment


def strictly(page: str) -> str:
    parser = Strict()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return "".join(parser.text)


def test_a_deployment_that_failed_and_was_rolled_back(world: None) -> None:
    fleet = Fleet()
    hosts = sorted(fleet.launch(3, Name="web", role="web"))
    fleet.group(autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]})
    run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision("app-1.zip")})
    log = "\n".join(
        ["DB_PASSWORD=hunter2", "it broke", *(text for name, text in HOSTILE.items() if name != "surrogate")]
    )
    fleet.fails(event="AfterInstall", log=log, times=1)  # on the first host, which OneAtATime does not tolerate
    asked = {**GROUP, "revision": fleet.revision("app-2.zip"), "description": HOSTILE["script"]}
    result = run_module("codedeploy_deployment", asked).result
    ids = [result["deployment"]["deployment_id"], result["rollback"]["deployment"]["deployment_id"]]
    read = run_module("codedeploy_deployment_info", {"deployment_ids": ids, "targets": "all"})["deployments"]
    about = {"Region": "eu-west-1", "Caller": "arn:aws:iam::123456789012:user/jo", "Launched by": ""}

    page = deployment_report(result, read, "rolled back", about, format="html")
    text = strictly(page)
    markdown = deployment_report(result, read, "rolled back", about)

    for form in (text, markdown):
        assert all(
            told in form for told in (*ids, "rolled back", "user/jo", "app-1.zip", "app-2.zip", "it broke", *hosts)
        )
        assert "AfterInstall" in form and "scripts/configure.sh" in form and "hunter2" not in form
        assert (
            form.index("First error") < form.index("it broke") < form.index("Timeline") and form.count("it broke") == 1
        )
        assert "Launched by" not in form and "<script>alert(1)</script>" in form
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", form)
    assert page.count('class="bad"') == 1 and page.count('class="good"') >= 14 + 3
    assert "://" not in re.sub("<(pre|code)>.*?</\\1>", "", page, flags=re.DOTALL)
    assert deployment_report(result, read, "rolled back", about, format="html") == page


def test_the_fleet_that_a_stopped_deployment_left_is_told() -> None:
    deployment = {"deployment_id": "d-1", "status": "Stopped"}
    fleets = {"blue_hosts": ["i-1"], "green_hosts": ["i-2"], "traffic": "blue", "green_auto_scaling_group": "copy"}
    told = deployment_report({"msg": "x", "deployment": deployment, "blue_green": fleets}, [], "failed", {})
    assert "The traffic is on the blue hosts as before: i-1." in told
    assert "The green hosts are left in the Auto Scaling group copy: i-2." in told


def test_a_deployment_that_succeeded_is_told_without_an_error() -> None:
    one = {"deployment_id": "d-1", "status": "Succeeded", "application_name": "shop", "deployment_group_name": "live"}
    times = {"create_time": "2026-11-23T17:00:00+00:00", "complete_time": "2026-11-23T17:01:30+00:00"}
    traffic = {"target": {"version": "8"}, "previous_target": {"version": "7"}}
    event = {"lifecycle_event_name": "AllowTraffic", "status": "Succeeded", "start_time": times["create_time"]}
    targets = [
        {"target_id": f"live:{number}", "status": "Succeeded", "lifecycle_events": [event]} for number in range(201)
    ]
    result = {"deployment": {**one, "compute_platform": "Lambda"}, "changed": True, **traffic}
    told = deployment_report(result, [{**one, **times, "targets": targets}], "deployed")
    assert "| From | `version 7` |" in told and "| To | `version 8` |" in told and "| Duration | 1 min 30 s |" in told
    assert "And 1 more targets." in told and "error" not in told and "Rollback" not in told
    assert "d-1" in deployment_report(result, verdict="deployed", format="html")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_data_is_text(text: str) -> None:
    blocks = [Table(("Host", ""), [(Data(text), "ours")]), Log(text)]
    seen = strictly(to_html([Data(text)], blocks))
    shown = all_shown(text)
    assert seen.count(shown.replace("\n", "\\n")) >= 2 and shown in seen
    told = to_markdown([Data(text)], blocks)
    (fence,) = re.findall("^(`{3,})text$", told, re.MULTILINE)
    inside = told.split(f"{fence}text\n")[1].removesuffix(f"\n{fence}\n")
    assert inside == shown.rstrip("\n") and fence not in inside


@pytest.mark.parametrize(
    "secret",
    [
        *(
            "DB_PASSWORD={}",
            '"password": "{}"',
            "password='{}'",
            "--password {}",
            "token: {}",
            "MYSQL_PWD={}",
            "API-KEY => {}",
        ),
        *(
            "Authorization: Bearer {}",
            "postgres://app:{}@db/shop",
            "aws_secret_access_key = {}",
            "X-Amz-Security-Token={}&x=1",
        ),
        *("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n{}"),
    ],
)
def test_what_is_named_a_secret_is_hidden(secret: str) -> None:
    told = masked(f"before {secret.format('hunter2-hunter2')} after")
    assert "hunter2" not in told and told.startswith("before ")


@pytest.mark.parametrize(
    "secret",
    [
        *(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        ),
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    ],
)
def test_what_has_the_form_of_a_secret_is_hidden(secret: str) -> None:
    assert secret not in masked(f"found {secret} here")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
            "https://example.com/a:b",
            "i-0123456789abcdef0 failed: no space",
        ),
        "arn:aws:iam::123456789012:role/deployer",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("text", ["password" * 2000, "a" * 20000, "://" * 5000, "-----BEGIN PRIVATE KEY-----" * 500])
def test_no_text_takes_long(text: str) -> None:
    before = time.process_time()
    masked(text)
    assert time.process_time() - before < 1


def test_what_is_no_result_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="registered result"):
        deployment_report({"msg": "no host"})
    with pytest.raises(AnsibleFilterError, match="format=markdown or format=html"):
        deployment_report({"deployment": {"deployment_id": "d-1"}}, format="pdf")
