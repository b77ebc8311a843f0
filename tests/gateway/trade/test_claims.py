"""G27: what an offer says of its goods is held against the records; no dress makes a claim another one."""

from dataclasses import replace

import pytest

from gateway.policies import load
from gateway.trade.claims import LANGUAGES, Evidence, claims_in, overclaims, parse_claims

POLICY = load.claims()
USED_B = Evidence(
    grade="B",
    condition="used",
    level="full",
    repaired=True,
    battery_replaced=True,
    wiped=False,
    label_state="cut",
    permitted=True,
)
NEW_A = Evidence(
    grade="A",
    condition="new",
    level="full",
    repaired=False,
    battery_replaced=False,
    wiped=True,
    label_state="intact",
    permitted=True,
)


def _claimed(text: str) -> list[str]:
    return [claim.slug for _, claim in claims_in(text, POLICY)]


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Brand new phones", "brand-new"),
        ("factory-new stock", "brand-new"),
        ("NEVER USED, great price", "brand-new"),
        ("全新手机", "brand-new"),
        ("崭新，未使用", "brand-new"),
        ("100%新", "brand-new"),
        ("Mới 100% giá tốt", "brand-new"),
        ("hàng mới về", "brand-new"),
        ("chưa qua sử dụng", "brand-new"),
        ("like new condition", "like-new"),
        ("几乎全新", "like-new"),
        ("99新", "like-new"),
        ("máy đẹp như mới", "like-new"),
        ("unopened boxes", "unopened"),
        ("Factory sealed!", "unopened"),
        ("未拆封", "unopened"),
        ("nguyên seal", "unopened"),
        ("100% authentic", "genuine"),
        ("genuine parts only", "genuine"),
        ("正品保证", "genuine"),
        ("hàng chính hãng", "genuine"),
        ("with original battery", "original-battery"),
        ("原装电池", "original-battery"),
        ("pin zin", "original-battery"),
        ("never repaired", "never-repaired"),
        ("无拆修", "never-repaired"),
        ("chưa sửa chữa", "never-repaired"),
        ("refurbished by manufacturer", "refurbished-by-maker"),
        ("官方翻新机", "refurbished-by-maker"),
        ("12 month warranty", "warranty"),
        ("全国联保一年", "warranty"),
        ("bảo hành 12 tháng", "warranty"),
        ("every unit tested", "inspected-one-by-one"),
        ("逐台检测", "inspected-one-by-one"),
        ("吊牌齐全", "label-intact"),
        ("tags attached", "label-intact"),
        ("data wiped", "data-wiped"),
        ("đã xóa dữ liệu", "data-wiped"),
        ("CE certified", "certified"),
        ("đạt chuẩn CE", "certified"),
    ],
)
def test_a_phrase_of_any_language_claims_what_it_says(text: str, claim: str) -> None:
    assert claim in _claimed(text)


@pytest.mark.parametrize(
    "text",
    [
        "ＢＲＡＮＤ ＮＥＷ",  # full-width letters
        "b r a n d n e w",
        "B.R.A.N.D N.E.W".replace(".", " "),
        "br\u200band n\u2060ew",  # characters that nobody sees
        "brand\u00a0new",
        "brand\n  new",
        "brand-new",
        "brand_new",
        "Вrand nеw",  # two letters are Cyrillic
        "全 新",
        "全\u200b新",
        "moi 100%",  # without its accents
        "MỚI  100％",
        "m\u006f\u031b\u0301i 100%",  # accents apart from their letters
        "Not only brand new but cheap",
        "without a doubt brand new",
        "不仅全新",
        "không chỉ mới 100%",
        "Used. Brand new.",
        "not used, brand new",
    ],
)
def test_no_dress_and_no_half_denial_hides_a_claim(text: str) -> None:
    assert _claimed(text) == ["brand-new"]


@pytest.mark.parametrize(
    "text",
    [
        "not new",
        "not brand new",
        "these are not really brand new",
        "non-genuine parts",
        "No warranty",
        "Sold without any warranty",
        "非全新",
        "不是全新",
        "并非正品",
        "无保修",
        "不提供任何保修",
        "没有官方保修",
        "không phải hàng mới",
        "hàng không chính hãng",
        "không bảo hành",
        "Light marks, cleaned, one carton a model.",
        "renewed interest in genuinely good prices",  # the letters of a claim, and another word
        "unsealed",
        "轻微划痕，功能正常",
        "có vết xước nhẹ",
        "",
    ],
)
def test_what_is_denied_or_never_said_claims_nothing(text: str) -> None:
    assert _claimed(text) == []


def test_a_refusal_names_the_words_the_language_and_what_is_lacking() -> None:
    wording = {
        "vi": {"title": "Điện thoại MỚI 100%", "text": ""},
        "en": {"title": "X7", "text": "Sealed, with warranty. Genuine."},
    }
    found = [
        (one.language, one.field, one.words, one.claim, one.lacking)
        for one in overclaims(wording, USED_B, POLICY)
    ]
    assert found == [
        ("en", "text", "Sealed", "unopened", ("unopened",)),
        ("en", "text", "warranty", "warranty", ("never",)),
        ("vi", "title", "MỚI 100%", "brand-new", ("new", "grade-a")),
    ]


def test_what_the_records_prove_may_be_said_in_every_language() -> None:
    wording = {
        "zh": {"text": "全新正品，未拆封，原装电池，无拆修，吊牌齐全"},
        "en": {"text": "Brand new, genuine, sealed, original battery, never repaired, data wiped"},
        "vi": {"text": "mới 100%, chính hãng, nguyên seal, pin zin, nguyên tem mác"},
    }
    assert overclaims(wording, NEW_A, POLICY) == []
    assert {one.claim for one in overclaims(wording, replace(NEW_A, grade="B"), POLICY)} == {"brand-new"}


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ({"repaired": True}, {"brand-new", "unopened", "never-repaired"}),
        ({"level": "sample"}, {"original-battery", "never-repaired"}),
        ({"battery_replaced": None}, {"original-battery"}),
        ({"permitted": False}, {"genuine"}),
        ({"label_state": "cut"}, {"unopened", "label-intact"}),
        ({"wiped": None}, {"data-wiped"}),
    ],
)
def test_each_fact_of_the_records_bears_its_own_claims(changed: dict, lost: set[str]) -> None:
    text = "brand new, sealed, genuine, original battery, never repaired, with tags, data wiped"
    found = overclaims({"en": {"text": text}}, replace(NEW_A, **changed), POLICY)
    assert {one.claim for one in found} == lost


def test_every_claim_has_phrases_in_every_language_and_no_phrase_stands_twice() -> None:
    phrases = [phrase for claim in POLICY.claims for phrase in claim.phrases]
    assert len(phrases) == len(set(phrases))
    assert all(getattr(claim, language) for claim in POLICY.claims for language in LANGUAGES)


def test_a_policy_with_an_unknown_need_is_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        parse_claims(
            b'id="c"\nversion="1"\neffective=2026-11-22\nsource="x"\ndenials=[]\nno_denials=[]\n'
            b'[[claims]]\nslug="a"\nneeds=["luck"]\nen=["lucky"]\n'
        )
