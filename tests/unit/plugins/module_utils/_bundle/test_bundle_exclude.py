# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a pattern means and costs, and what the lines of an ignore file mean."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._bundle import exclude
from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.ignore import compile_ignore

PARTS = st.lists(st.sampled_from(["**/", "/**/", "/**", "**", "*", "?", "a", "b", "[ab]", "[!a]", "/"]), max_size=8)
PATHS = st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("pattern", "path", "is_directory", "expected"),
    [
        (".git", ".git", True, True),
        (".git", "sub/.git", True, True),
        (".git", ".gitignore", False, False),
        ("*.pyc", "a/b/c.pyc", False, True),
        ("*.pyc", "a.pyc/x", False, False),
        ("build/", "build", True, True),
        ("build/", "build", False, False),
        ("/build", "build", True, True),
        ("/build", "a/build", True, False),
        ("docs/*.md", "docs/a.md", False, True),
        ("docs/*.md", "docs/a/b.md", False, False),
        ("docs/**/*.md", "docs/a.md", False, True),
        ("docs/**/*.md", "docs/a/b/c.md", False, True),
        ("**/tmp", "tmp", True, True),
        ("**/tmp", "x/y/tmp", True, True),
        ("node_modules/**", "node_modules/a/b", False, True),
        ("file?.[ch]", "file1.c", False, True),
        ("file?.[!ch]", "file1.c", False, False),
        ("file?.[!ch]", "file1.o", False, True),
        ("a+b(c).txt", "a+b(c).txt", False, True),
        ("A", "a", False, False),
        ("[", "[", False, True),
    ],
)
def test_exclude_patterns(pattern: str, path: str, is_directory: bool, expected: bool) -> None:
    assert exclude.compile_exclude([pattern])(path, is_directory) is expected


@pytest.mark.parametrize("pattern", ["", "/", "!keep", "../x", "a/../b"])
def test_patterns_that_mean_nothing_here_are_refused(pattern: str) -> None:
    with pytest.raises(BundleError, match="exclude pattern"):
        exclude.compile_exclude([pattern])


@pytest.mark.parametrize("pattern", ["**/a/" * 8 + "b", "*a" * 12 + "/b", "**a" * 12 + "b", "*a*a/**" * 9 + "/b"])
def test_a_pattern_of_many_wildcards_is_walked_once(pattern: str) -> None:
    """A regular expression would try all ways to share the path among them, for longer than anybody lives."""
    excluded = exclude.compile_exclude([pattern])
    assert not excluded("a/" * 200 + "c", False)
    assert not excluded("/".join(["a" * 250] * 8) + "c", False)
    assert not excluded("a" * 4000, True)


@given(PARTS.map("".join), PATHS)
def test_a_walk_finds_what_a_regular_expression_finds(pattern: str, path: str) -> None:
    assume(pattern.strip("/"))
    parts = exclude.read_pattern(pattern)
    for text in (path, path + "/"):
        assert exclude.walks(parts, text) is bool(re.fullmatch(exclude.as_regex(parts), text, re.DOTALL))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**/test*/*.tmp/**", "a/tests/b.tmp/c", True),
        ("**/test*/*.tmp/**", "tests/b.tmp/c/d", True),
        ("**/test*/*.tmp/**", "tests/b/c.tmp/d", False),
        ("*_*_*.py", "below/a_b_c.py", True),
        ("*_*_*.py", "a_b/_c.py", False),
        ("**/*/*/x", "a/b/x", True),
        ("**/*/*/x", "a/x", False),
    ],
)
def test_patterns_of_many_wildcards_mean_the_same(pattern: str, path: str, expected: bool) -> None:
    assert exclude.compile_exclude([pattern])(path, False) is expected


@pytest.mark.parametrize("pattern", ["[" * 100_000, "*" * 100_000, "a/" * 100_000])
def test_a_pattern_that_is_too_long_is_refused(pattern: str) -> None:
    with pytest.raises(BundleError, match="of 1000 characters at most") as refused:
        exclude.compile_exclude([pattern])
    assert len(str(refused.value)) < 300


IGNORED = """\
# a comment

*.log
!keep.log
/build/
docs/*.md
\\#hash
\\!bang
a[^b]c
blank\\\x20
logs/**
!logs/a
[z-a]
"""


@pytest.mark.parametrize(
    ("path", "directory", "ignored"),
    [
        ("x.log", False, True),
        ("a/keep.log", False, False),
        ("build", True, True),
        ("build", False, False),
        ("a/build", True, False),
        ("docs/x.md", False, True),
        ("docs/a/x.md", False, False),
        ("a/docs/x.md", False, False),
        ("#hash", False, True),
        ("!bang", False, True),
        ("axc", False, True),
        ("abc", False, False),
        ("blank ", False, True),
        ("logs/b", False, True),
        ("logs/a", False, False),
        ("[z-a]", False, True),
    ],
)
def test_an_ignore_file_is_read_as_git_reads_it(path: str, directory: bool, ignored: bool) -> None:
    assert compile_ignore(IGNORED, ".slipwayignore")(path, directory) is ignored


def test_lines_of_an_ignore_file_that_make_no_sense_are_named() -> None:
    with pytest.raises(BundleError, match=r"(?s)\.slipwayignore, line 2: .*'\.\.'.*line 3: .*more than 1000"):
        compile_ignore(f"a\n../b\n{'x' * 1001}\n", ".slipwayignore")
