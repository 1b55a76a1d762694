"""What no notice may say, in many ways of saying it; and what it must be able to say."""

from __future__ import annotations

import pytest

from ashiato.exports.words import Language
from ashiato.letters.notices.claims import Claim, claim_of
from ashiato.letters.notices.unsafe import unsafe_in

_SURE = {
    Language.JA: (
        "お客さまの情報が漏えいしました。",
        "お客さまの個人情報は漏れています。",
        "データが犯人の手に渡りました。",
        "情報が第三者の知るところとなりました。",
        "記録が盗まれたことが分かりました。",
        "お名前がインターネット上に公開されました。",
        "情報を持ち出されました。",
        "口座の情報に不正にアクセスされました。",
        "外部への流出が起きました。",
    ),
    Language.EN: (
        "Your data was leaked.",
        "Hackers have your data.",
        "Your address got out.",
        "Somebody copied your name.",
        "Your records fell into the hands of criminals.",
        "Your account number was published.",
        "An intruder saw your policy.",
    ),
}
_DOUBTFUL = {
    Language.JA: (
        "情報が漏えいしたおそれがあります。",
        "閲覧された可能性を否定できません。",
        "知られた場合に備えてください。",
    ),
    Language.EN: (
        "Your data may have been leaked.",
        "We cannot rule out that it was read.",
        "If it was copied, beware.",
    ),
}
_ABSENT = {
    Language.JA: ("情報は漏えいしていません。", "流出はありませんでした。", "閲覧された事実はありません。"),
    Language.EN: ("Your data was not leaked.", "Your password is safe.", "No card number was read."),
}
_OTHER = {
    Language.JA: ("当社のシステムが不正なアクセスを受けました。", "同じパスワードは変更してください。"),
    Language.EN: ("Our system was entered from outside.", "Please change the password."),
}


@pytest.mark.parametrize("language", Language)
def test_ways_to_speak_of_data_are_told_apart(language: Language) -> None:
    for sentences, allowed in (
        (_SURE, {Claim.CONFIRMED}),
        (_DOUBTFUL, {Claim.POSSIBLE}),
        (_ABSENT, {Claim.ABSENCE}),
        (_OTHER, {Claim.NOTHING}),
    ):
        for sentence in sentences[language]:
            assert claim_of(sentence, language) in allowed, sentence


@pytest.mark.parametrize(
    "text",
    [
        "パスワードを入力してください。",
        "パスワードを入力しないと、ご確認ができません。",
        "カード番号を返信されない場合、補償は受けられません。",
        "Unless you enter your password, we cannot help.",
        "If you do not send your PIN, nothing can be paid.",
        "パス ワード を 入力 してください。",
        "暗証番号をお知らせください。",
        "カードの番号と有効期限をご返信願います。",
        "口座番号を窓口までお申し出ください。",
        "ＰＩＮをご登録ください。",
        "Please reply with your password.",
        "Call us with your card details.",
        "We need your bank details.",
        "What is your security code?",
        "こちらのリンクからお手続きください。",
        "下記のアドレスを開いてください。",
        "添付のファイルをご覧ください。",
        "アプリをインストールしてください。",
        "Use the link to check.",
        "Please see the attachment.",
        "手数料をお支払いください。",
        "ATMで操作をしていただきます。",
        "電子マネーを購入してください。",
        "Please pay a fee of 500 yen.",
        "Buy gift cards for us.",
        "http://evil.example/",
        "ｗｗｗ．ｅｖｉｌ．ｅｘａｍｐｌｅ をご覧ください。",
        "evil。example ではなく evil.example です。",
        "[here](x)",
        "<a href=x>",
        "ご注意\u200bください。",
    ],
)
def test_texts_like_those_of_cheats_are_unsafe(text: str) -> None:
    assert list(unsafe_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "パスワード、暗証番号、カード番号、口座番号をお尋ねすることはありません。",
        "お支払いやATMの操作をお願いすることもありません。",
        "このメールには、開いていただくリンクも添付ファイルもありません。",
        "同じパスワードをほかでもお使いの場合は、変更なさってください。",
        "覚えのないご利用があれば、すぐにカード会社にご連絡ください。",
        "We never ask for passwords or card numbers, and never for a payment.",
        "If you use the same password elsewhere, please change it.",
        "This mail has no link to follow and no attachment.",
    ],
)
def test_warnings_against_cheats_are_safe(text: str) -> None:
    assert not list(unsafe_in(text))
