"""People, an incident and a sender to write notices with; all of them invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ashiato.law.api import Text
from ashiato.letters.notices.codes import code_of
from ashiato.letters.notices.matter import (
    Address,
    Desk,
    EasyIncident,
    Incident,
    NoticeMatter,
    Persona,
    ReachedField,
    Recipient,
    Sender,
    Speaker,
)
from ashiato.terms.categories import Category
from ashiato.terms.grades import Grade

KEY = b"a key of the case, 32 bytes long"

INCIDENT = Incident(
    outline=Text(
        "2026年6月10日から6月25日までの間、当社のペット保険の管理システムが、外部から不正なアクセスを受けました。"
        "6月25日に気づき、同日に外部からの接続を止めました。",
        "Between 10 and 25 June 2026 our system for pet insurance was entered from outside without "
        "permission. We noticed it on 25 June and cut the connection the same day.",
    ),
    cause=Text(
        "原因は、システムの入力欄の処理に不備があり、外部から不正な命令を送れる状態にあったことです。",
        "The cause was a flaw in the handling of an input field, by which commands could be sent "
        "from outside.",
    ),
    misuse=Text(
        "2026年11月20日の時点で、この件によるものと分かる悪用の報告は受けていません。"
        "ただし、今後、情報を使った詐欺などのおそれがあります。",
        "As of 20 November 2026 we have received no report of misuse that is known to come from this "
        "incident. There is, however, a risk of fraud in the future.",
    ),
    done=Text(
        "不備を直し、監視を強めました。警察に相談し、個人情報保護委員会と金融庁に報告しました。",
        "We have mended the flaw and watch the system more closely. "
        "We have consulted the police and reported to the authorities.",
    ),
    easy=EasyIncident(
        outline="2026｜年《ねん》6｜月《がつ》10｜日《にち》から25｜日《にち》まで、｜知《し》らない｜人《ひと》が、｜会社《かいしゃ》の"
        "コンピューターに｜勝手《かって》に｜入《はい》りました。6｜月《がつ》25｜日《にち》に、｜入《はい》れないようにしました。",
        cause="コンピューターに｜弱《よわ》いところがあったことが｜原因《げんいん》です。",
        misuse="11｜月《がつ》20｜日《にち》までに、｜情報《じょうほう》が｜悪《わる》いことに｜使《つか》われたという｜話《はなし》は"
        "ありません。でも、これから、うその｜電話《でんわ》や｜手紙《てがみ》が｜来《く》るかもしれません。",
        done="コンピューターの｜弱《よわ》いところを｜直《なお》しました。｜警察《けいさつ》に｜相談《そうだん》しました。",
    ),
)

SENDER = Sender(
    name=Text("みなとペット少額短期保険株式会社", "Minato Pet Insurance Co., Ltd."),
    speaks=Speaker.CLIENT,
    other=None,
    address=Address("105-0000", ("東京都港区架空町1丁目2番3号", "みなとビル8階")),
    site="www.minato-pet.example.jp",
    check_page="https://www.minato-pet.example.jp/check/",
    desk=Desk(
        Text("個人情報お問い合わせ窓口", "Personal Data Desk"),
        "0120-000-123",
        Text("平日9時から18時まで", "weekdays, 9:00 to 18:00"),
    ),
)

NAME = ReachedField(Text("お名前", "Name"), Category.IDENTITY, Grade.CONFIRMED)
HOME = ReachedField(Text("ご住所", "Postal address"), Category.CONTACT, Grade.CONFIRMED)
PHONE = ReachedField(Text("電話番号", "Telephone number"), Category.CONTACT, Grade.CONFIRMED)
BANK = ReachedField(
    Text("保険料の引落口座", "Bank account for premiums"), Category.BANK_ACCOUNT, Grade.POSSIBLE
)
CARE = ReachedField(
    Text("ペットの診療の記録", "Records of the pet's treatment"), Category.MEDICAL, Grade.PROBABLE
)


def matter_of(number: int = 1, **changes: Any) -> NoticeMatter:
    """Return what a policyholder is told, with the values that are named changed."""
    reference = f"notice-{number:07}"
    whole = NoticeMatter(
        reference=reference,
        code=code_of(KEY, reference),
        edition=1,
        dated=date(2026, 11, 24),
        recipient=person("山田 花子"),
        persona=Persona.POLICYHOLDER,
        fields=(NAME, HOME, PHONE, CARE, BANK),
        cleared=(),
        incident=INCIDENT,
        sender=SENDER,
    )
    return replace(whole, **changes)


def person(name: str, **changes: Any) -> Recipient:
    """Return a person who lives in an invented town."""
    home = Address("160-0000", ("東京都新宿区架空1丁目23番45号", "コーポあしあと 203号室"))
    return replace(Recipient(name, address=home, email="hanako@example.jp"), **changes)
