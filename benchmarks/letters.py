"""Letters as batches on disk, beside WeasyPrint on the same letters.

``python -m benchmarks.letters [LETTERS]``: 10,000 by default; the whole is 5.1 million on two processors.
Prints letters a second over both presses with files and manifests, and a second of processor; the rate of the
last third against the first (growth); memory; what the whole would take. WeasyPrint sets 200 of them, one by
one.
"""

from __future__ import annotations

import base64
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path

from weasyprint import HTML

from ashiato.exports.words import Language
from ashiato.law.api import Text
from ashiato.letters.notices.batches import Printing
from ashiato.letters.notices.codes import allot_codes
from ashiato.letters.notices.compose import compose
from ashiato.letters.notices.matter import (
    Address,
    Channel,
    Desk,
    Incident,
    NoticeMatter,
    Persona,
    ReachedField,
    Recipient,
    Sender,
    Speaker,
)
from ashiato.letters.notices.presses import Shop, print_letters
from ashiato.letters.notices.squares import squares_of
from ashiato.terms.categories import Category
from ashiato.terms.grades import Grade

_WHOLE = 5_100_000
#: The goal for the whole: two hours on two processors.
_GOAL = _WHOLE / 7_200
_KEY = b"a key for measuring, no secret"
_FIELDS = (
    ReachedField(Text("お名前", "Name"), Category.IDENTITY, Grade.CONFIRMED),
    ReachedField(Text("ご住所", "Postal address"), Category.CONTACT, Grade.CONFIRMED),
    ReachedField(Text("電話番号", "Telephone number"), Category.CONTACT, Grade.PROBABLE),
    ReachedField(Text("生年月日", "Date of birth"), Category.BIRTH, Grade.POSSIBLE),
    ReachedField(Text("保険料の引落口座", "Bank account"), Category.BANK_ACCOUNT, Grade.POSSIBLE),
)
_INCIDENT = Incident(
    Text(
        "2026年6月10日から6月25日までの間、当社のシステムが外部から不正なアクセスを受けました。6月25日に気づき、同日に接続を止めました。",
        "Between 10 and 25 June 2026 our system was entered from outside.",
    ),
    Text("原因は、入力欄の処理に不備があったことです。", "The cause was a flaw in an input field."),
    Text("悪用の報告は受けていませんが、今後のおそれがあります。", "There is a risk of fraud."),
    Text("不備を直し、警察と監督官庁に報告しました。", "We have mended the flaw and told the police."),
)
_SENDER = Sender(
    Text("みなとペット少額短期保険株式会社", "Minato Pet Insurance Co., Ltd."),
    Speaker.CLIENT,
    None,
    Address("105-0000", ("東京都港区架空町1丁目2番3号", "みなとビル8階")),
    "www.minato-pet.example.jp",
    "https://www.minato-pet.example.jp/check/",
    Desk(Text("個人情報お問い合わせ窓口", "Desk"), "0120-000-123", Text("平日9時から18時まで", "weekdays")),
)
_SURNAMES = ("佐藤", "鈴木", "高橋", "渡辺", "𠮷田", "髙橋", "渡邉", "齋藤")
_GIVEN = ("花子", "太郎", "一郎", "美咲", "翔太", "結衣", "大輔", "陽子", "健一", "さくら")
_PERSONAS = (Persona.POLICYHOLDER, Persona.INSURED, Persona.REQUESTER, Persona.VET)


def people(count: int) -> Iterator[NoticeMatter]:
    """Yield letters to invented people; 124 texts in all, as personas, fields and grades differ."""
    references = (f"notice-{number:07}" for number in range(count))
    for number, allotted in enumerate(allot_codes(_KEY, references, set())):
        home = Address(
            f"{number % 9_999_999:07}",
            (f"東京都架空区足跡{number % 30}丁目{number % 97}番", f"コーポ{number % 500}"),
        )
        name = f"{_SURNAMES[number % 8]} {_GIVEN[number // 8 % 10]}"
        chosen = tuple(field for place, field in enumerate(_FIELDS) if (number % 31 + 1) >> place & 1)
        yield NoticeMatter(
            allotted.reference,
            allotted.code,
            1,
            date(2026, 11, 24),
            Recipient(name, address=home),
            _PERSONAS[number % 4],
            chosen,
            (),
            _INCIDENT,
            _SENDER,
        )


def main() -> None:
    """Print both rates."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rate = _ours(count)
    theirs = _weasyprint(list(people(200)))
    print(
        f"WeasyPrint, 200 letters: {theirs:,.1f} a second of processor; ours {rate / theirs:,.0f} times that"
    )


def _ours(count: int) -> float:
    """Return letters a second of processor, which is what another load on the machine leaves alone."""
    started = time.monotonic()
    moments: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), Printing(Language.JA))
        written = print_letters(people(count), shop, presses=os.cpu_count() or 2)
        moments.extend((batch.letters, time.monotonic() - started) for batch in written)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.*") if path.is_file())
    letters, wall = sum(done for done, _ in moments), moments[-1][1]
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    rate = letters / sum(each.ru_utime + each.ru_stime for each in used)
    memory = [each.ru_maxrss // 1024 for each in used]
    print(
        f"{letters:,} letters, {size / letters:,.0f} bytes each: {letters / wall:,.0f}/s (goal {_GOAL:,.0f})"
    )
    print(f"{rate:,.0f} a second of processor; last third against first {_growth(moments):.2f}")
    print(f"memory {memory[0]} MB and {memory[1]} MB a press")
    print(f"5.1 million: {_WHOLE * wall / letters / 60:,.0f} min as the machine is loaded now", end="")
    print(f", {_WHOLE / rate / 120:,.0f} min on two processors of its own")
    return rate


def _growth(moments: list[tuple[int, float]]) -> float:
    """Return the rate of the last third of batches over that of the first, the presses having started."""
    third = max(len(moments) // 3, 1)
    first = (sum(done for done, _ in moments[1 : third + 1])) / (moments[third][1] - moments[0][1])
    last = (sum(done for done, _ in moments[-third:])) / (moments[-1][1] - moments[-third - 1][1])
    return last / first


def _weasyprint(matters: list[NoticeMatter]) -> float:
    pages = [_page(matter) for matter in matters]
    started = time.process_time()
    for page in pages:
        HTML(string=page).write_pdf()
    return len(pages) / (time.process_time() - started)


def _page(matter: NoticeMatter) -> str:
    letter = compose(matter, Channel.LETTER, Language.JA)
    square = base64.b64encode(squares_of(_SENDER.check_page).picture(matter.code)).decode()
    home = matter.recipient.address
    lines = "<br>".join(map(escape, (home.post_code, *home.lines) if home else ()))
    text = "".join(f"<p>{escape(line)}</p>" for line in letter.text.splitlines())
    style = "font-family:'Noto Sans CJK JP','IPAGothic',sans-serif;font-size:10.5pt"
    image = f'<img style="width:20mm;image-rendering:pixelated" src="data:image/png;base64,{square}">'
    return f'<html lang="ja"><body style="{style}"><p>{lines}</p>{text}{image}</body></html>'


if __name__ == "__main__":
    main()
