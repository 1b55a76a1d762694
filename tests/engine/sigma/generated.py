"""Generated Sigma rules and events over a small world, in which they often meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

FIELDS = ("a", "b", "n", "ip", "t", "us")
PLACEHOLDERS = {"P": ["b", "a*"], "Q": ["-"]}
_LETTERS = "aAbB-/é \n"
texts = st.text(alphabet=_LETTERS, max_size=5)
_wild = st.text(alphabet="aAbB*?\\-/é", min_size=1, max_size=4)
_plain = st.text(alphabet="abAB-/ ", min_size=1, max_size=4)
_ascii = st.text(alphabet="abAB", min_size=1, max_size=3)
_addresses = st.sampled_from(
    ["10.0.0.1", "10.0.1.1", "10.1.0.0", "2001:db8::1", "::ffff:10.0.0.1", "10.0.0", "x"]
)
_times = st.sampled_from(
    ["2024-12-30T23:59:01Z", "2025-01-01 00:00:00", "2025-13-01T00:00:00", "no", "2025-06-15T10:05:00+09:00"]
)
_encoded = st.sampled_from(
    ["YWI=", "xxYWI=", "FiYQ", "YQBiAA==", "AGEAYg==", "//5hAGIA", "a\x00b\x00", "xhYmF", "YmFh"]
)
_numbers = st.sampled_from([-1, 0, 1, 7, 2**60, 2**60 + 1])

events = st.fixed_dictionaries(
    {
        "a": st.none() | texts | _encoded,
        "b": st.none() | texts | st.sampled_from(["1", "07", "1.5", "true", "1e0", "x1"]),
        "n": st.none() | _numbers,
        "ip": st.none() | _addresses,
        "t": st.none() | _times,
        "us": st.none() | st.sampled_from([0, 1_735_689_599_999_999, 1_735_689_600_000_000, -1]),
    }
)

_patterns = st.recursive(
    st.sampled_from(["a", "b", "B", ".", "[ab]", "[^a]", r"\b", r"\s", "^", "$", "-"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        inner.filter(lambda p: p not in ("^", "$", r"\b")).flatmap(
            lambda p: st.sampled_from([f"(?:{p})*", f"(?:{p})+", f"(?:{p})?", f"(?:{p}){{1,2}}"])
        ),
    ),
    max_leaves=4,
)


def _one_or_more(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3)


def _item(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return _one_or_more(values).map(lambda value: {key: value})


_text_keys = st.sampled_from(
    ["", "|contains", "|startswith", "|endswith", "|cased", "|contains|cased", "|neq", "|contains|all"]
)
_items = st.one_of(
    st.tuples(st.sampled_from(["a", "b", "n"]), _text_keys).flatmap(lambda k: _item("".join(k), _wild)),
    st.sampled_from(["b", "n"]).flatmap(
        lambda f: _item(f, st.sampled_from([0, 1, 7, 1.5, 2**60]) | st.booleans())
    ),
    st.tuples(st.sampled_from(["b", "n"]), st.sampled_from(["lt", "lte", "gt", "gte"])).flatmap(
        lambda k: st.sampled_from([0, 1, 1.5, 7, 2**60]).map(lambda v: {"|".join(k): v})
    ),
    st.sampled_from(FIELDS).map(lambda field: {field: None}),
    st.tuples(st.sampled_from(FIELDS), st.booleans()).map(lambda k: {f"{k[0]}|exists": k[1]}),
    st.sampled_from(["10.0.0.0/16", "10.0.0.1", "2001:db8::/32", "0.0.0.0/0"]).map(lambda v: {"ip|cidr": v}),
    st.tuples(st.sampled_from(["", "|i", "|m", "|s", "|i|m", "|i|s"]), _patterns).map(
        lambda k: {f"a|re{k[0]}": k[1]}
    ),
    st.sampled_from(["", "|contains", "|startswith", "|endswith", "|neq"]).map(
        lambda m: {f"a|fieldref{m}": "b"}
    ),
    st.tuples(
        st.sampled_from(["t", "us"]),
        st.sampled_from(["minute", "hour", "day", "week", "month", "year"]),
        st.sampled_from(["", "|lt", "|gte"]),
        st.sampled_from([0, 1, 5, 10, 23, 30, 53, 59, 2025]),
    ).map(lambda k: {f"{k[0]}|{k[1]}{k[2]}": k[3]}),
    st.tuples(st.sampled_from(["", "|contains"]), _plain).map(lambda k: {f"a|windash{k[0]}": k[1]}),
    st.tuples(
        st.sampled_from(
            [
                "wide|base64",
                "utf16le|base64",
                "utf16be|base64",
                "utf16|base64",
                "base64",
                "wide",
                "utf16be",
                "base64offset|contains",
                "wide|base64offset|contains",
            ]
        ),
        _ascii,
    ).map(lambda k: {f"a|{k[0]}": k[1]}),
    st.tuples(st.sampled_from(["", "|contains", "|re"]), st.sampled_from(["%P%", "a%Q%b", "x%P%%Q%"]))
    .filter(lambda k: k[0] != "|re" or "P" not in k[1])
    .map(lambda k: {f"a{k[0]}|expand": k[1]} if k[0] == "|re" else {f"a|expand{k[0]}": k[1]}),
)
_maps = st.lists(_items, min_size=1, max_size=2).map(
    lambda items: {k: v for item in items for k, v in item.items()}
)
_keywords = st.lists(_wild | st.just(7), min_size=1, max_size=2) | _wild.map(lambda v: {"|all": [v, "a"]})
selections = _maps | st.lists(_maps, min_size=1, max_size=2) | _keywords

conditions = st.sampled_from(
    [
        "s1",
        "not s1",
        "s1 and s2",
        "s1 or not s2",
        "1 of s*",
        "all of them",
        "not (s1 and s2) or s3",
        "all of s* and not 1 of s3",
        "s1 and s2 or s3",
        "not not s1",
        "any of them",
    ]
)


def rules() -> st.SearchStrategy[dict[str, Any]]:
    """Detections with three selections and a condition."""
    return st.fixed_dictionaries(
        {"s1": selections, "s2": selections, "s3": selections, "condition": conditions}
    )
