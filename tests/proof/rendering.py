"""Statement trees as PostgreSQL text, with their values written in it or bound beside it."""

from __future__ import annotations

from decimal import Decimal

from tests.proof.queries import (
    Aggregate,
    Beside,
    Call,
    Case,
    Col,
    Delete,
    Exists,
    Expr,
    InQuery,
    Insert,
    Item,
    Key,
    Lit,
    Plain,
    Query,
    Scalar,
    Select,
    SetOp,
    Source,
    Statement,
    Update,
    Windowed,
    Within,
)

_INFIX = {"=", "<>", "<", "<=", ">", ">=", "||", "+", "-", "*", "and", "or", "like"}
_FORMS = {
    "not": "NOT ({0})",
    "between": "{0} BETWEEN {1} AND {2}",
    "is null": "{0} IS NULL",
    "is not null": "{0} IS NOT NULL",
    "text": "CAST({0} AS text)",
}
_JOINS = {
    "inner": "JOIN",
    "left": "LEFT JOIN",
    "right": "RIGHT JOIN",
    "full": "FULL JOIN",
    "cross": "CROSS JOIN",
}


def written(value: Plain) -> str:
    """Return a value as a literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, Decimal)):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


class Renderer:
    """Writes one statement; ``binds`` gathers the values bound, in order."""

    def __init__(self, *, extended: bool = False) -> None:
        """``extended``: bind what can be bound (``$1``) instead of writing it."""
        self._extended = extended
        self.binds: list[Plain] = []

    def statement(self, tree: Statement) -> str:
        """Return the text of a statement."""
        if isinstance(tree, Insert):
            return self._insert(tree)
        if isinstance(tree, Update):
            sets = ", ".join(f"{name} = {self.expr(value)}" for name, value in tree.values)
            where = self._beside(tree.table, "FROM", tree.beside) if tree.beside else self._where(tree.where)
            return f"UPDATE {tree.table} SET {sets}{where}{self._returning(tree.returning)}"
        if isinstance(tree, Delete):
            where = self._beside(tree.table, "USING", tree.beside) if tree.beside else self._where(tree.where)
            return f"DELETE FROM {tree.table}{where}{self._returning(tree.returning)}"
        return self.query(tree)

    def query(self, tree: Query) -> str:
        """Return the text of a query."""
        if isinstance(tree, SetOp):
            return self._set_operation(tree)
        ctes = ", ".join(f"{name} AS ({self.query(query)})" for name, query in tree.ctes)
        items = ", ".join(self._item(item) for item in tree.items) or "*"
        text = f"WITH {ctes} " if ctes else ""
        text += f"SELECT {'DISTINCT ' if tree.distinct else ''}{items} FROM "
        text += "".join(self._source(source, number == 0) for number, source in enumerate(tree.sources))
        text += self._where(tree.where)
        if tree.group:
            text += " GROUP BY " + ", ".join(map(self.expr, tree.group))
        if tree.having is not None:
            text += f" HAVING {self.expr(tree.having)}"
        if tree.order:
            text += " ORDER BY " + ", ".join(map(self._key, tree.order))
        return text + self._window(tree.limit, tree.offset)

    def expr(self, tree: Expr) -> str:
        """Return the text of an expression."""
        if isinstance(tree, Col):
            return f"{tree.alias}.{tree.name}" if tree.alias else tree.name
        if isinstance(tree, Lit):
            return self._literal(tree)
        if isinstance(tree, Call):
            return self._call(tree)
        if isinstance(tree, Case):
            condition, then, otherwise = map(self.expr, (tree.condition, tree.then, tree.otherwise))
            return f"CASE WHEN {condition} THEN {then} ELSE {otherwise} END"
        if isinstance(tree, Within):
            value = self.expr(tree.value)
            options = ", ".join(map(self.expr, tree.options))
            return f"{value} {'NOT ' if tree.negated else ''}IN ({options})"
        return self._of_query(tree)

    def _of_query(self, tree: Exists | InQuery | Scalar | Aggregate | Windowed) -> str:
        if isinstance(tree, Exists):
            return f"{'NOT ' if tree.negated else ''}EXISTS ({self.query(tree.query)})"
        if isinstance(tree, InQuery):
            value = self.expr(tree.value)
            return f"{value} {'NOT ' if tree.negated else ''}IN ({self.query(tree.query)})"
        if isinstance(tree, Scalar):
            return f"({self.query(tree.query)})"
        if isinstance(tree, Aggregate):
            arg = "*" if tree.arg is None else self.expr(tree.arg)
            told = ", ', '" if tree.name == "string_agg" else ""
            return f"{tree.name}({'DISTINCT ' if tree.distinct else ''}{arg}{told})"
        over = "PARTITION BY " + ", ".join(map(self.expr, tree.parts)) if tree.parts else ""
        if tree.order:
            over += (" " if over else "") + "ORDER BY " + ", ".join(map(self._key, tree.order))
        return f"{tree.name}({'' if tree.arg is None else self.expr(tree.arg)}) OVER ({over})"

    def _literal(self, tree: Lit) -> str:
        if not (self._extended and tree.bound) or tree.value is None:
            return written(tree.value)
        self.binds.append(tree.value)
        return f"${len(self.binds)}"

    def _call(self, tree: Call) -> str:
        args = [self.expr(arg) for arg in tree.args]
        if tree.name in ("and", "or"):
            return "(" + f" {tree.name.upper()} ".join(args) + ")"
        if tree.name in _INFIX:
            return f" {tree.name.upper()} ".join(args)
        return _FORMS.get(tree.name, tree.name + "({all})").format(*args, all=", ".join(args))

    def _set_operation(self, tree: SetOp) -> str:
        sides = []
        for side in (tree.left, tree.right):
            text = self.query(side)
            bare = isinstance(side, Select) and not (side.order or side.limit or side.offset)
            sides.append(text if bare else f"({text})")
        text = f" {tree.kind.upper()} ".join(sides)
        if tree.order:
            keys = (f"{place + 1}{' DESC' if descending else ''}" for place, descending in tree.order)
            text += " ORDER BY " + ", ".join(keys)
        return text + self._window(tree.limit, tree.offset)

    def _item(self, item: Item) -> str:
        return self.expr(item.value) + (f" AS {item.name}" if item.name else "")

    def _source(self, source: Source, first: bool) -> str:
        what = source.table if isinstance(source.table, str) else f"({self.query(source.table)})"
        named = what if what == source.alias else f"{what} AS {source.alias}"
        if first:
            return named
        if source.by_comma:
            return f", {named}"
        text = f" {_JOINS[source.join]} {named}"
        return text + (f" ON {self.expr(source.on)}" if source.on is not None else "")

    def _where(self, where: Expr | None) -> str:
        return "" if where is None else f" WHERE {self.expr(where)}"

    def _key(self, key: Key) -> str:
        nulls = {None: "", True: " NULLS FIRST", False: " NULLS LAST"}[key.nulls_first]
        return f"{self.expr(key.value)}{' DESC' if key.descending else ''}{nulls}"

    def _window(self, limit: Lit | None, offset: Lit | None) -> str:
        text = "" if limit is None else f" LIMIT {self._literal(limit)}"
        return text + ("" if offset is None else f" OFFSET {self._literal(offset)}")

    def _insert(self, tree: Insert) -> str:
        rows = ", ".join("(" + ", ".join(map(self.expr, row)) + ")" for row in tree.rows)
        columns = ", ".join(tree.columns)
        text = f"INSERT INTO {tree.table} ({columns}) VALUES {rows}{self._conflict(tree)}"
        return text + self._returning(tree.returning)

    def _conflict(self, tree: Insert) -> str:
        if not tree.by:
            return ""
        sets = ", ".join(f"{n} = {f'EXCLUDED.{n}' if v is None else self.expr(v)}" for n, v in tree.sets)
        return f" ON CONFLICT ({', '.join(tree.by)}) DO {f'UPDATE SET {sets}' if sets else 'NOTHING'}"

    def _beside(self, table: str, word: str, beside: Beside) -> str:
        parts = [f"{table}.{own} = b.{other}" for own, other in beside.on]
        parts += [f"b.{name} = {self.expr(value)}" for name, value in beside.held]
        return f" {word} {beside.table} AS b WHERE {' AND '.join(parts)}"

    def _returning(self, items: tuple[Item, ...]) -> str:
        return " RETURNING " + ", ".join(map(self._item, items)) if items else ""
