"""What is asked of the engines can be answered by both of them, with the same answer."""

from __future__ import annotations

import ast
from pathlib import Path

INSIGHT = Path(__file__).parents[2] / "src" / "tiefen" / "insight"
WRITTEN = [*sorted((INSIGHT / "metrics").rglob("*.py")), *sorted((INSIGHT / "tables").rglob("*.py"))]
WRITTEN += [INSIGHT / name for name in ("rfm.py", "roles.py", "ladder.py", "models/purchases/orders.py")]

NEVER = {
    "asof_join": "Spark has none: rank within a window, or a union and a running maximum",
    "bit_or": "not on Spark",
    "bit_and": "not on Spark",
    "bit_xor": "not on Spark",
    "hash": "each engine has its own: make it at intake and keep it as a column",
    "hashbytes": "make it at intake and keep it as a column",
    "arbitrary": "any row is another row elsewhere: min() or max()",
    "argmin": "ties go either way: row_number() over an order that knows no ties",
    "argmax": "ties go either way: row_number() over an order that knows no ties",
    "approx_nunique": "approximations differ: nunique()",
    "approx_median": "approximations differ: quantile(0.5)",
    "approx_quantile": "approximations differ: quantile()",
    "group_concat": "its order differs: JSON is written in a kernel",
    "strftime": "formats differ: numbers, or a column made at intake",
    "re_search": "dialects differ: text is looked at in `features` or a kernel",
    "re_extract": "dialects differ: text is looked at in `features` or a kernel",
    "re_replace": "dialects differ: text is looked at in `features` or a kernel",
    "random": "a reading can be made again and is the same",
    "rowid": "not on Spark",
}
ORDERED = {"collect", "first", "last"}
"""Of a group in an order: not on Spark. Rank within a window and take the first."""
NUMPY = {"np", "pc", "numpy"}


def test_nothing_is_asked_that_one_engine_cannot_or_answers_differently() -> None:
    found = [
        f"{path.relative_to(INSIGHT)}:{line}: {why}"
        for path in WRITTEN
        for line, why in refused(path.read_text("utf-8"))
    ]

    assert found == []


def test_what_is_refused_is_found() -> None:
    bad = 'a = t.asof_join(u, "x")\nb = t.x.first(order_by=t.y)\nc = t.x.argmax(t.y)\nd = ibis.random()\ne = (t.us / 10).cast("int64")'
    good = "e = np.argmax(x)\nf = t.x.first_value\ng = t.x.collect()\nh = x.max()\ni = (t.us // 10).cast('int64')\nj = (x / 2).cast('float64')"

    assert [line for line, _ in refused(bad + "\n" + good)] == [1, 2, 3, 4, 5]


def _whole(cast: ast.Call) -> bool:
    return bool(cast.args) and isinstance(cast.args[0], ast.Constant) and str(cast.args[0].value).startswith("int")


def refused(source: str) -> list[tuple[int, str]]:
    """(line, why) of every call that the engines do not share."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name, on = node.func.attr, node.func.value
        if name == "cast" and isinstance(on, ast.BinOp) and isinstance(on.op, ast.Div) and _whole(node):
            found.append(
                (node.lineno, "a quotient cast to a whole number: DuckDB rounds, Spark cuts off; use // or round()")
            )
        if isinstance(on, ast.Name) and on.id in NUMPY:
            continue
        if name in NEVER:
            found.append((node.lineno, f"{name}: {NEVER[name]}"))
        elif name in ORDERED and any(word.arg == "order_by" for word in node.keywords):
            found.append((node.lineno, f"{name}(order_by=…): not on Spark; rank within a window and take the first"))
    return sorted(found)
