"""Statements that go deep in one way or another: all read the name of member 5."""

from __future__ import annotations

READ = "SELECT name FROM members WHERE id = 5"
WAYS = ("brackets", "queries", "tables", "choices", "conditions", "unions", "texts", "cases", "joins")


def deep(name: str, times: int) -> str:
    """Return one way of going deep for a member's name, so many times."""
    inner = "SELECT id FROM members WHERE id IN "
    joins = " ".join(f"JOIN members m{i} ON m{i}.id = m{i - 1}.id" for i in range(1, times))
    return {
        "brackets": READ.replace("5", "(" * times + "5" + ")" * times),
        "queries": READ.replace("= 5", f"IN {f'({inner}' * times}(5){')' * times}"),
        "tables": f"SELECT name FROM {'(SELECT * FROM ' * times}members"
        + "".join(f") AS t{i}" for i in range(times)),
        "choices": READ + " OR id = 5" * times,
        "conditions": f"SELECT name FROM members WHERE {'(id = 5 AND ' * times}1 = 1{')' * times}",
        "unions": READ + f" UNION ALL {READ}" * times,
        "texts": READ.replace("name", "name" + " || name" * times),
        "cases": READ.replace("5", "CASE WHEN 1 = 1 THEN " * times + "5" + " END" * times),
        "joins": f"SELECT m0.name FROM members m0 {joins} WHERE m0.id = 5",
    }[name]
