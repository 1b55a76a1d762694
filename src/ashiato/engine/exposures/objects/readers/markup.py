"""The parts of XML that office documents need, by expat: names, texts, places; no entity is ever expanded."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from ashiato.engine.exposures.objects.cells import UnreadableError

Begin = Callable[[str, dict[str, str], int], None]
End = Callable[[str, int], None]
Text = Callable[[str], None]


def walk(content: bytes, begin: Begin, end: End, text: Text) -> None:
    """Call back for each element (its local name, attributes, byte offset) and text, until the text ends.

    Raises: UnreadableError: it declares entities, or is damaged from its beginning on.
    """
    if not content:
        return
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: begin(
        name.rpartition(":")[2], attributes, parser.CurrentByteIndex
    )
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2], parser.CurrentByteIndex)
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        if parser.CurrentByteIndex <= 0:
            raise UnreadableError("damaged-document") from error


def _refuse(*_: object) -> None:
    raise UnreadableError("declares-entities")
