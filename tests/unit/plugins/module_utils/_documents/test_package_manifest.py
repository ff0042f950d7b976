# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The validator of manifests of Distributor packages."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._documents.package.problems import package_manifest_problems
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import ERROR, WARNING, errors, warnings

SUM = "0f" * 32


def manifest(packages: t.Any, *names: str, **more: t.Any) -> dict[str, t.Any]:
    files = {name: {"checksums": {"sha256": SUM}} for name in names or ("agent.zip",)}
    return {"schemaVersion": "2.0", "version": "1.0.0", "packages": packages, "files": files, **more}


def target(*path: str, file: str = "agent.zip") -> dict[str, t.Any]:
    """A file below a platform, a version and an architecture."""
    made: dict[str, t.Any] = {"file": file}
    for part in reversed(path):
        made = {part: made}
    return made


ANYWHERE = target("_any", "_any", "_any")
PLATFORMS = (
    "amazon", "centos", "debian", "opensuse", "opensuseleap", "oracle", "redhat", "suse", "ubuntu", "windows",
)  # fmt: skip
GOOD: dict[str, dict[str, t.Any]] = {
    "one file for all": manifest(ANYWHERE),
    "every platform that AWS lists": manifest({name: target("_any", "_any") for name in PLATFORMS}),
    "with a publisher and a description": manifest(ANYWHERE, publisher="Example", description="The agent"),
    "one file per system": manifest(
        {
            "windows": target("_any", "x86_64", file="agent-windows.zip"),
            "amazon": target("_any", "_any", file="agent-linux.zip"),
        },
        "agent-windows.zip",
        "agent-linux.zip",
    ),
    "one file per architecture": manifest(
        {"amazon": {"_any": {"x86_64": {"file": "x.zip"}, "arm64": {"file": "a.zip"}}}}, "x.zip", "a.zip"
    ),
    "versions with a star": manifest({"redhat": {**target("8.*", "_any"), **target("9.*", "_any")}}),
    "versions of each kind": manifest(
        {
            "amazon": {**target("2", "_any"), **target("2023", "_any"), **target("2018.03", "_any")},
            "ubuntu": {**target("22.04", "_any"), **target("24.04", "_any")},
            "suse": target("15.*", "_any"),
            "windows": {**target("10.0.20348", "_any"), **target("10.0.14393nano", "_any")},
        }
    ),
    "a narrow entry that has all": manifest({"debian": {**target("12", "_any"), **target("_any", "_any")}}),
    "a star for all versions": manifest({"centos": target("*", "x86_64")}),
    "with sizes and locations": manifest(
        ANYWHERE,
        files={
            "agent.zip": {"checksums": {"sha256": SUM.upper(), "md5": "0f" * 16}, "size": 7, "downloadLocation": "x"}
        },
    ),
    "systems that AWS does not list": manifest({"rocky": target("9.*", "_any"), "alpine": target("_any", "_any")}),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_manifest_has_no_problems(name: str) -> None:
    assert package_manifest_problems(json.dumps(GOOD[name], indent=2)) == []


@pytest.mark.parametrize("left", ["EXAMPLE" + "0f" * 25 + "EXAMPLE", "<sum of agent.zip>", "${sum}", "REPLACE_ME"])
def test_a_placeholder_is_a_warning_until_files_are_attached(left: str) -> None:
    text = json.dumps(manifest(ANYWHERE, files={"agent.zip": {"checksums": {"sha256": left}}}))
    (told,) = package_manifest_problems(text)
    assert (told.level, told.remedy) == (WARNING, "Replace it with the real value.")
    assert package_manifest_problems(text, ["agent.zip"]) == [told._replace(level=ERROR)]


def without(key: str) -> dict[str, t.Any]:
    return {name: value for name, value in manifest(ANYWHERE).items() if name != key}


def line(text: str, part: str) -> int:
    return next(number for number, one in enumerate(text.split("\n"), 1) if part in one)


BROKEN: dict[str, tuple[dict[str, t.Any], str, str, str]] = {  # the manifest, a part of the line, the path, a part of the remedy
    "AWS's own name": (manifest({"amzn": target("_any", "_any")}), "amzn", "packages.amzn", "Write amazon."),
    "Red Hat's own name": (manifest({"rhel": target("_any", "_any")}), "rhel", "packages.rhel", "Write redhat."),
    "a system by its kind": (manifest({"linux": target("_any", "_any")}), "linux", "packages.linux", "Write _any."),
    "capital letters": (manifest({"Windows": target("_any", "_any")}), "Windows", "packages.Windows", "Write windows."),
    "a version in the name": (
        manifest({"amazon-linux-2": target("_any", "_any")}), "amazon-linux-2", "packages.amazon-linux-2", "Write amazon, and",
    ),
    "another word for any": (manifest({"_all": target("_any", "_any")}), "_all", "packages._all", "Write _any."),
    "misspelled": (manifest({"ubunut": target("_any", "_any")}), "ubunut", "packages.ubunut", "Write ubuntu."),
    "a name by marketing": (
        manifest({"windows": target("2019", "_any")}), "2019", "packages.windows.2019", "10.0.20348",
    ),
    "a code name": (manifest({"ubuntu": target("focal", "_any")}), "focal", "packages.ubuntu.focal", "24.04"),
    "a star in the middle": (manifest({"redhat": target("8*", "_any")}), "8*", "packages.redhat.8*", "behind a dot"),
    "kernel's architecture": (
        manifest({"amazon": target("2023", "aarch64")}), "aarch64", "packages.amazon.2023.aarch64", "Write arm64.",
    ),
    "Go's architecture": (
        manifest({"amazon": target("2023", "amd64")}), "amd64", "packages.amazon.2023.amd64", "Write x86_64.",
    ),
    "a file that is not listed": (
        manifest(target("_any", "_any", "_any", file="other.zip")), "other.zip", "packages._any._any._any.file", "Add it",
    ),
    "a sum that is none": (
        manifest(ANYWHERE, files={"agent.zip": {"checksums": {"sha256": "123"}}}),
        "123", "files.agent.zip.checksums.sha256", "64 hexadecimal digits",
    ),
    "an unknown algorithm": (
        manifest(ANYWHERE, files={"agent.zip": {"checksums": {"sha512": SUM}}}),
        "checksums", "files.agent.zip.checksums", "64 hexadecimal digits",
    ),
    "no sums": (manifest(ANYWHERE, files={"agent.zip": {"checksums": {}}}), "checksums", "files.agent.zip.checksums", "SHA"),
    "sums left out": (manifest(ANYWHERE, files={"agent.zip": {}}), "zip\": {}", "files.agent.zip.checksums", "Add"),
    "a space in a name": (
        manifest(target("_any", "_any", "_any", file="an agent.zip"), "an agent.zip"),
        'agent.zip": {', "files.an agent.zip", "without spaces",
    ),
    "too many files": (
        manifest(ANYWHERE, "agent.zip", *(f"agent{n}.zip" for n in range(20))), '"files"', "files", "share one file",
    ),
    "a level is missing": (
        manifest({"amazon": {"_any": {"file": "agent.zip"}}}), '"file"', "packages.amazon._any.file", "below it",
    ),
    "another schema": (manifest(ANYWHERE, schemaVersion="2.2"), "2.2", "schemaVersion", '"2.0"'),
    "a number as schema": (manifest(ANYWHERE, schemaVersion=2.0), "schemaVersion", "schemaVersion", '"2.0"'),
    "a number as version": (manifest(ANYWHERE, version=1.0), '"version"', "version", "double quotes"),
    "a version with blanks": (manifest(ANYWHERE, version="1 beta"), "1 beta", "version", "1.0.0"),
    "a long version": (manifest(ANYWHERE, version="1" * 129), '"version"', "version", "1.0.0"),
    "no version": (without("version"), "{", "version", "Add version"),
    "no packages": (without("packages"), "{", "packages", "Add packages"),
    "no files": (without("files"), "{", "files", "Add files"),
    "nothing in packages": (manifest({}), "packages", "packages", "platform over"),
    "a list in packages": (manifest(["amazon"]), "packages", "packages", "platform over"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_work_is_an_error_with_its_line(name: str) -> None:
    document, part, path, remedy = BROKEN[name]
    text = json.dumps(document, indent=2)
    found = errors(package_manifest_problems(text))
    first = found[0]
    assert (first.line, first.path, first.level) == (line(text, part), path, ERROR)
    assert remedy in first.remedy


SURPRISING: dict[str, tuple[dict[str, t.Any], str, str]] = {  # the manifest, the path, a part of what is said
    "a version that hides the rest": (
        manifest({"amazon": {**target("2023", "arm64"), **target("_any", "_any")}}), "packages.amazon.2023",
        'Hosts of amazon 2023 whose architecture is not arm64 get no file, although "_any" has one',
    ),
    "a star that hides the rest": (
        manifest({"redhat": {**target("8.*", "x86_64"), **target("_any", "arm64")}}), "packages.redhat.8.*",
        "whose architecture is not x86_64",
    ),
    "a star in a star": (
        manifest({"redhat": {**target("8.1.*", "x86_64"), **target("8.*", "arm64")}}), "packages.redhat.8.1.*",
        'although "8.*" has one',
    ),
    "a platform that hides the rest": (
        manifest({"amazon": target("2023", "_any"), **ANYWHERE}), "packages.amazon",
        "Hosts of amazon whose version is not 2023 get no file",
    ),
    "a platform that hides an architecture": (
        manifest({"amazon": target("_any", "arm64"), **ANYWHERE}), "packages.amazon",
        'whose architecture is not arm64 get no file, although the platform "_any" has one',
    ),
    "two words for all": (
        manifest({"amazon": {**target("_any", "_any"), **target("*", "_any")}}), "packages.amazon.*", "is never used",
    ),
    "a major version": (manifest({"redhat": target("9", "_any")}), "packages.redhat.9", "may match none"),
    "a file that nobody gets": (
        manifest(ANYWHERE, "agent.zip", "other.zip"), "files.other.zip", "is not used by any platform",
    ),
    "an unknown system": (manifest({"plan9": target("_any", "_any")}), "packages.plan9", "is not a platform that is known"),
    "a Mac": (manifest({"mac_os_x": target("_any", "_any")}), "packages.mac_os_x", "does not support macOS"),
    "an unknown key": (manifest(ANYWHERE, publsher="x"), "publsher", "is not a known key"),
    "an archive that is no zip": (
        manifest(target("_any", "_any", "_any", file="agent.msi"), "agent.msi"), "files.agent.msi", "is not a .zip file",
    ),
    "a size that is no number": (
        manifest(ANYWHERE, files={"agent.zip": {"checksums": {"sha256": SUM}, "size": True}}), "files.agent.zip.size",
        "size is the truth value true, but must be a number of bytes",
    ),
    "only an old sum": (
        manifest(ANYWHERE, files={"agent.zip": {"checksums": {"md5": "0f" * 16}}}), "files.agent.zip.checksums",
        "no SHA-256 sum",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SURPRISING)
def test_what_may_surprise_is_a_warning(name: str) -> None:
    document, path, said = SURPRISING[name]
    found = package_manifest_problems(json.dumps(document, indent=2))
    assert [(problem.path, problem.level) for problem in found] == [(path, WARNING)]
    assert said in found[0].what


@pytest.mark.parametrize(
    ("text", "at", "said", "remedy"),
    [
        ("", 1, "the end of the text", ""),
        ("schemaVersion: '2.0'", 1, "schemaVersion stands where a value should be", "does not take YAML"),
        ("{'schemaVersion': '2.0'}", 1, "a single quote", "double quotes"),
        ('{\n"version": "1",\n}', 3, 'a comma stands before "}"', "last comma"),
        ('{\n// now\n"version": "1"}', 2, "a comment", "no comments"),
        ('{\n"version" "1"}', 2, "where a colon should be", "colon"),
        ('{"version": "1"\n"files": {}}', 2, "where a comma", "comma"),
        ('{"version": "1\n"}', 1, "a text cannot be read", "Close"),
        ('{"version": NaN}', 1, "NaN stands where a value should be", ""),
        ('{"version": 01}', 1, "01 stands where a value should be", ""),
        ("{}\n{}", 2, "where the end of the document should be", "one document"),
        ('{"version": "1"', 1, "the end of the text", "close every brace"),
        ("[" * 5000, 1, "more than 100 levels", "levels"),
        ('{"version": ' + "1" * 5000 + "}", 1, "more than 1000 characters", ""),
        (b'{"version": "\xff"}', 1, "not UTF-8", "UTF-8"),
        ("\ufeff{}", 1, "byte order mark", "without"),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text: str | bytes, at: int, said: str, remedy: str) -> None:
    (problem,) = package_manifest_problems(text)
    assert (problem.line, problem.level) == (at, ERROR)
    assert said in problem.what
    assert remedy in problem.remedy


def test_json_that_is_no_yaml_is_read() -> None:
    text = '{\t"schemaVersion"\n:\n"2.0",\r\n"version":"1\\/2"}'
    assert [problem.path for problem in package_manifest_problems(text)] == ["packages", "files", "version"]


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ('"version": "1.0.0"', "version"),
        ('"_any": {"_any": {"_any": {"file": "agent.zip"}}}', "packages._any"),
        ('"file": "agent.zip"', "packages._any._any._any.file"),
        (f'"sha256": "{SUM}"', "files.agent.zip.checksums.sha256"),
    ],
)
def test_keys_that_are_given_twice_are_errors(part: str, path: str) -> None:
    text = json.dumps(manifest(ANYWHERE)).replace(part, f"{part},\n{part}")
    assert [(problem.line, problem.path, problem.level) for problem in package_manifest_problems(text)] == [
        (2, path, ERROR)
    ]


def test_a_manifest_is_as_long_as_any_document() -> None:
    text = json.dumps(manifest(ANYWHERE, description=""))
    fits = text.replace('"description": "', '"description": "' + "x" * (64 * 1024 - len(text)))
    assert package_manifest_problems(fits) == []
    (problem,) = package_manifest_problems(fits + " ")
    assert (problem.line, problem.level) == (None, ERROR)
    assert "65537 bytes" in problem.what


def test_attachments_are_held_against_the_manifest() -> None:
    text = json.dumps(manifest(ANYWHERE), indent=2)
    assert package_manifest_problems(text, ["agent.zip"]) == []
    missing, extra = package_manifest_problems(text, ["other.zip"])
    assert (extra.line, missing.line) == (line(text, 'agent.zip": {'), line(text, '"files"'))
    assert "The attachment other.zip is not in files." in missing.what
    assert "agent.zip is not among the attachments." in extra.what
    assert "22 files are attached" in package_manifest_problems(text, ["agent.zip", *map(str, range(21))])[-1].what


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
pieces = st.sampled_from(
    [*'{}[]:,"\\\n', '"packages"', '"files"', '"_any"', '"file"', "1e9", "true", "\ufeff", "\ud800"]
)


@given(st.lists(pieces).map("".join) | st.text() | st.binary() | documents.map(json.dumps))
def test_no_text_raises(text: str | bytes) -> None:
    assert package_manifest_problems(text)


@given(st.sampled_from(["schemaVersion", "version", "publisher", "packages", "files"]), documents)
def test_no_value_raises(key: str, value: t.Any) -> None:
    for document in (manifest(ANYWHERE), manifest({"amazon": value}), manifest({"amazon": {"2023": value}})):
        found = package_manifest_problems(json.dumps({**document, key: value}))
        assert all(problem.line for problem in found)
        assert set(found) == {*errors(found), *warnings(found)}
