"""The character table we read is the one the fonts have."""

from PIL import ImageFont

from exporters import fonts


def test_vietnamese_rare_chinese_and_trade_signs_are_there() -> None:
    text = "ĐăâêôơưẵỗữặỹẦ 镕喆翡翠星野 × · – — ² ³ € ¥ ₫ £ № # < > $ * _ ` \\"
    assert {character for character in text if ord(character) not in fonts.characters()} == set()


def test_other_scripts_are_not() -> None:
    assert not {ord(character) for character in "مشহิ😀ヿ\U0002a6df"} <= fonts.characters()


def test_a_listed_character_has_a_glyph_of_its_own() -> None:
    """Pillow's renderer draws the box of missing characters for what a font lacks."""
    latin = ImageFont.truetype(fonts.FOLDERS[0] / "BeVietnamPro-Regular.ttf", 40)
    missing_glyph = latin.getmask("\U0010fffd").getbbox(), bytes(latin.getmask("\U0010fffd"))
    for character in "aẵỗ₫":
        assert (latin.getmask(character).getbbox(), bytes(latin.getmask(character))) != missing_glyph
