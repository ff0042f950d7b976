# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What looks like a secret in the output of a host, hidden. Pure.

Scripts print passwords, and a report is kept and sent around. A pattern cannot know every secret; it takes what is named
as one, and what has the form of one. Quantifiers are bounded, so that no text takes long.
"""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
_NAMED = (
    r"(?:password|passwd|passphrase|[_-]pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|auth)"
)
_VALUE = r"(?:\"[^\"\n]{1,500}\"|'[^'\n]{1,500}'|[^\s\"',;&]{1,500})"
_RULES = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL
        ),
        HIDDEN,
    ),
    (re.compile(r"(://)[^/\s:@]{0,200}:[^/\s@]{1,500}@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(\b(?:bearer|basic)\s{1,5})[A-Za-z0-9._~+/=-]{8,2000}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (
        re.compile(
            rf"({_NAMED}[\w.-]{{0,60}}[\"']?\s{{0,5}}(?:=>|[:=])\s{{0,5}})(?!\[hidden\]){_VALUE}", re.IGNORECASE
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(rf"(-{_NAMED}[\w-]{{0,60}}\s{{1,5}})(?!\[hidden\]){_VALUE}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,2000}\.[\w-]{8,2000}\.[\w-]{0,2000}"), HIDDEN),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-)[\w-]{16,300}"), HIDDEN),
)
# A secret access key is 40 characters of base64; a commit has as many, in lower case and hexadecimal.
_KEY = re.compile(
    r"(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]{0,39}[A-Z])(?=[A-Za-z0-9/+]{0,39}[a-z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
)


def masked(text: str) -> str:
    """The text without what looks like a secret."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return _KEY.sub(HIDDEN, text)
