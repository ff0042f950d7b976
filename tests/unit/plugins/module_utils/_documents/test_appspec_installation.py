# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Install makes of an AppSpec and the paths of its bundle; and the writing of component documents."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.installation import globbed, installation
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import AppSpecError, parse_appspec
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.writing import written

FILES = ["VERSION", "app/a.py", "app/lib/b.py", "app/lib/deep/c"]
FOLDERS = ["app", "app/lib", "app/lib/deep", "app/empty"]


def installed(files: list[tuple[str, str]], *permissions: dict[str, t.Any]) -> dict[str, tuple[str | None, str | None]]:
    """Path -> (source, mode)."""
    mappings = [{"source": source, "destination": destination} for source, destination in files]
    text = yaml.safe_dump({"version": 0.0, "os": "linux", "files": mappings, "permissions": list(permissions)})
    items = installation(parse_appspec(text), FILES, FOLDERS)
    return {item.path: (item.source, item.permission.mode if item.permission else None) for item in items}


@pytest.mark.parametrize(
    ("source", "destination", "copies", "made"),
    [
        ("VERSION", "/srv/x/", {"/srv/x/VERSION": "VERSION"}, ["/srv", "/srv/x"]),
        ("/app/lib", "/srv", {"/srv/b.py": "app/lib/b.py", "/srv/deep/c": "app/lib/deep/c"}, ["/srv", "/srv/deep"]),
        ("app/empty", "/srv", {}, ["/srv"]),
        ("/", "/", {f"/{path}": path for path in FILES}, [f"/{path}" for path in FOLDERS]),
    ],
)
def test_files_become_copies_and_the_directories_that_they_need(
    source: str, destination: str, copies: dict[str, str], made: list[str]
) -> None:
    found = installed([(source, destination)])
    assert {path: from_ for path, (from_, _mode) in found.items() if from_} == copies
    folders = [path for path, (from_, _mode) in found.items() if from_ is None]
    assert folders == sorted(made), "parents come before what is in them"


@pytest.mark.parametrize(
    ("permission", "paths"),
    [
        (
            {"object": "/srv"},
            ["/srv/a.py", "/srv/empty", "/srv/lib", "/srv/lib/b.py", "/srv/lib/deep", "/srv/lib/deep/c"],
        ),
        ({"object": "/srv", "type": ["directory"], "except": ["e*"]}, ["/srv/lib", "/srv/lib/deep"]),
        ({"object": "/srv/", "pattern": "*.py"}, ["/srv/a.py"]),
        ({"object": "/srv/lib/b.py"}, ["/srv/lib/b.py"]),
        ({"object": "/srv/lib/b.py", "type": ["directory"]}, []),
        ({"object": "/sr"}, []),
        ({"object": "/", "pattern": "*"}, ["/srv"]),
        ({"object": "/elsewhere"}, []),
    ],
)
def test_permissions_fit_what_the_deployment_made(permission: dict[str, t.Any], paths: list[str]) -> None:
    found = installed([("app", "/srv")], {"mode": "0600", **permission})
    assert sorted(path for path, (_source, mode) in found.items() if mode) == paths


def test_nothing_gets_permissions_twice() -> None:
    with pytest.raises(AppSpecError, match="The permissions of /srv/a.py are set twice"):
        installed([("app", "/srv")], {"object": "/srv", "pattern": "a*"}, {"object": "/srv/a.py"})


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*.py", ["a.py", ".py"], ["a.pyc", "b/a.py"]),
        ("a*c*", ["ac", "abcd"], ["ab", "bac"]),
        ("a*a", ["aa", "aba"], ["a"]),
        ("*", ["a", ""], ["a/b"]),
        ("[ab]?", ["[ab]?"], ["ac"]),
    ],
)
def test_only_the_star_is_a_wildcard(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [name for name in yes + no if globbed(name, pattern)] == yes


TEXTS = st.text(max_size=30) | st.sampled_from(
    ["set -eu\necho 'x'\n", " a\n", "a\n\n", "a\n  b\n", "yes", "1.0", "{{ x }}"]
)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["name", "action", "inputs"]),
    st.recursive(
        TEXTS | st.integers() | st.just(1.0),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(st.sampled_from(["path", "source"]), inner, min_size=1)
        ),
        max_leaves=6,
    ),
    min_size=1,
)


@settings(max_examples=30)
@given(DOCUMENTS)
def test_a_document_says_what_it_was_written_from(document: dict[str, t.Any]) -> None:
    assert yaml.safe_load(written(document)) == document
