"""The colors of patient pages have enough contrast, light and dark, and the visual guide has these figures."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from carenav.clinic.texts import COLORS

STYLE = (settings.BASE_DIR / "static" / "patient/carenav.css").read_text()
GUIDE = (settings.BASE_DIR / "docs" / "visual-guide.md").read_text()

TEXT, LARGE_OR_CONTROL = 4.5, 3.0  # WCAG 2.2: 1.4.3 and 1.4.11
PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "card", TEXT),
    ("ink", "tint", TEXT),
    ("soft", "paper", TEXT),
    ("soft", "card", TEXT),
    ("brand", "paper", TEXT),
    ("brand", "card", TEXT),
    ("on-brand", "brand", TEXT),
    ("warm-ink", "warm", TEXT),
    ("bad", "paper", TEXT),
    ("bad", "card", TEXT),
    ("line", "paper", LARGE_OR_CONTROL),
    ("line", "card", LARGE_OR_CONTROL),
]


def palette(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", block))


LIGHT, DARK = (palette(block) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2])


def palette_of_color(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the light and the dark palette of pages with another color than the usual one."""
    light, dark = (palette(block) for block in re.findall(r":root \{(.*?)\}", path.read_text(), re.DOTALL))
    return LIGHT | light, DARK | dark


SHEETS = {path.stem: path for path in (settings.BASE_DIR / "static" / "patient/colors").glob("*.css")}
SCHEMES = {"light": LIGHT, "dark": DARK} | {
    f"{color} {scheme}": colors
    for color, path in SHEETS.items()
    for scheme, colors in zip(("light", "dark"), palette_of_color(path), strict=True)
}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_follows_wcag():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("over", "under", "least"), PAIRS)
@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_each_color_pair_has_enough_contrast(over: str, under: str, least: float, scheme: dict[str, str]):
    assert contrast(scheme[over], scheme[under]) >= least


def test_each_color_that_can_be_chosen_has_its_sheet_and_changes_the_screen_alone():
    assert {*SHEETS} == {*COLORS[1:]}
    for path in SHEETS.values():
        rules = path.read_text().splitlines()[1:]
        assert all(rule.startswith("@media screen") for rule in rules)


def test_visual_guide_has_the_computed_contrast():
    for over, under, _ in PAIRS:
        figures = " | ".join(f"{contrast(scheme[over], scheme[under]):.1f}" for scheme in (LIGHT, DARK))
        assert f"| `{over}` on `{under}` | {figures} |" in GUIDE
