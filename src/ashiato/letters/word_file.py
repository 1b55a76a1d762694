"""A draft as a Word file to be edited: the same bytes for the same draft."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

from ashiato.exports.words import Language
from ashiato.letters.document import Document, Line, Section, Style
from ashiato.letters.numbering import GroundNumbers
from ashiato.letters.phrases import phrase

_FONT = "Yu Gothic"
_SOFT = RGBColor(0x56, 0x64, 0x6F)
_FORM_WIDTHS = (Mm(48), Mm(118))
_LANGUAGES = {Language.JA: "ja-JP", Language.EN: "en-GB"}
_ABOVE_AND_BELOW = Pt(2)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def render_word(document: Document, made: datetime) -> bytes:
    """Return the draft as a .docx file dated ``made``."""
    word = docx.Document()
    writer = _Writer(word, document, Language(document.language))
    writer.write()
    _date(word, document, made)
    return _packed(word)


class _Writer:
    """Writes one draft into one file, section by section."""

    def __init__(self, word: WordDocument, document: Document, language: Language) -> None:
        self._word, self._document, self._language = word, document, language
        self._numbers = GroundNumbers(document)

    def write(self) -> None:
        self._set_up_page()
        self._word.add_heading(self._document.title, level=0)
        self._add_soft(self._document.purpose)
        self._add_soft(self._say("as_of", at=self._document.as_of))
        self._add_soft(self._say("blanks_left", number=self._document.blanks))
        self._write_doubts()
        self._write_changes()
        for section in self._document.sections:
            self._write_section(section)
        self._write_grounds()

    def _say(self, key: str, **params: object) -> str:
        return phrase(key, self._language, **params)

    def _set_up_page(self) -> None:
        for section in self._word.sections:
            section.page_width, section.page_height = Mm(210), Mm(297)
            section.left_margin = section.right_margin = Mm(22)
            section.footer.paragraphs[0].text = f"{self._document.title} — {self._say('draft')}"
        style = self._word.styles["Normal"]
        style.font.name, style.font.size = _FONT, Pt(10)
        for each in self._word.styles:
            fonts = each.element.find(f".//{qn('w:rFonts')}")
            if fonts is not None:
                fonts.set(qn("w:eastAsia"), _FONT)
        # Without its language Japanese is set in Chinese shapes, its full stops in the middle of the line.
        for spoken in self._word.styles.element.iter(qn("w:lang")):
            spoken.set(qn("w:val"), _LANGUAGES[self._language])
            spoken.set(qn("w:eastAsia"), _LANGUAGES[Language.JA])

    def _add_soft(self, text: str) -> None:
        run = self._word.add_paragraph().add_run(text)
        run.font.size, run.font.color.rgb = Pt(9), _SOFT

    def _write_doubts(self) -> None:
        if self._document.doubts:
            self._word.add_heading(self._say("doubts"), level=2)
        for doubt in self._document.doubts:
            run = self._word.add_paragraph(style="List Bullet").add_run(doubt)
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW

    def _write_changes(self) -> None:
        if self._document.since is None:
            return
        self._word.add_heading(self._say("changes", at=self._document.since), level=2)
        if not self._document.changes:
            self._word.add_paragraph(self._say("no_changes"))
            return
        heads = (self._say("line_head"), self._say("before"), self._say("after"))
        blank = self._say("blank_before")
        rows = [(each.label, each.before or blank, each.after or blank) for each in self._document.changes]
        self._add_table([heads, *rows])

    def _write_section(self, section: Section) -> None:
        self._word.add_heading(section.heading, level=1)
        if section.style is Style.FORM:
            table = self._word.add_table(rows=0, cols=2, style="Table Grid")
            table.autofit = False
            for column, width in zip(table.columns, _FORM_WIDTHS, strict=True):
                column.width = width
            for line in section.lines:
                label, body = table.add_row().cells
                label.text = line.label
                self._fill(body.paragraphs[0], line)
                label.width, body.width = _FORM_WIDTHS
            _space(table)
            return
        for line in section.lines:
            style = "List Bullet" if section.style is Style.LIST else None
            self._fill(self._word.add_paragraph(style=style), line)

    def _fill(self, paragraph: Paragraph, line: Line) -> None:
        if line.text is None:
            run = paragraph.add_run(self._say("to_write", label=line.label))
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
            return
        paragraph.add_run(line.text)
        marks = self._numbers.marks(line)
        if marks:
            run = paragraph.add_run(marks)
            run.font.superscript, run.font.color.rgb = True, _SOFT

    def _write_grounds(self) -> None:
        self._word.add_heading(self._say("grounds"), level=1)
        heads = (self._say("number"), self._say("what"), self._say("where"), self._say("sure"))
        rows = [(str(n), each.what, each.where, each.sure) for each, n in self._numbers.all()]
        self._add_table([heads, *rows])

    def _add_table(self, rows: list[tuple[str, ...]]) -> None:
        table = self._word.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        for cell in table.rows[0].cells:
            for run in cell.paragraphs[0].runs:
                run.bold = True
        # The head goes to each page with rows under it.
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - no other way
        _space(table)


def _space(table: Table) -> None:
    for row in table.rows:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                form = paragraph.paragraph_format
                form.space_before = form.space_after = _ABOVE_AND_BELOW


def _date(word: WordDocument, document: Document, made: datetime) -> None:
    about = word.core_properties
    about.title, about.author, about.comments = document.title, "Ashiato", ""
    about.created = about.modified = made.replace(tzinfo=None, microsecond=0)
    about.last_modified_by, about.revision = "Ashiato", 1


def _packed(word: WordDocument) -> bytes:
    """Pack the file anew: the library stamps each part with the clock."""
    raw, whole = io.BytesIO(), io.BytesIO()
    word.save(raw)
    with zipfile.ZipFile(raw) as parts, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in parts.namelist():
            packed.writestr(zipfile.ZipInfo(name, _ZIP_TIME), parts.read(name), zipfile.ZIP_DEFLATED)
    return whole.getvalue()
