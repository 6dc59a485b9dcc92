"""One form for the spellings of a phone number, an e-mail address or a name."""

import pytest

from carenav.plumbing import spelling


@pytest.mark.parametrize(
    ("country", "spellings", "normal"),
    [
        (
            "us",
            ["(555) 010-1234", "555.010.1234", "1 555 010 1234", "+1 (555) 010 1234", "001 555 010 1234"],
            "15550101234",
        ),
        ("us", ["555 010 1234 x12", "555-010-1234 ext. 12", "555 010 1234 #12"], "15550101234"),
        ("us", ["+44 7700 900123", "+44 (0)7700 900123", "0044 7700 900123"], "447700900123"),
        (
            "gb",
            ["07700 900123", "+44 7700 900123", "+44 (0) 7700 900123", "０７７００ 900123"],
            "447700900123",
        ),
        ("ie", ["087 123 4567", "+353 87 123 4567"], "353871234567"),
        ("au", ["0412 345 678", "+61 412 345 678"], "61412345678"),
        ("nz", ["021 123 456", "+64 21 123 456"], "6421123456"),
        ("eu", ["030 123456", "30 123456"], "30123456"),
        ("us", ["", "none", "()", "0"], ""),
        # Words around the number, and what a copy brings along.
        (
            "us",
            ["text only 202-555-0163", "next: 202-555-0163", "fax 202 555 0163", "#202-555-0163"],
            "12025550163",
        ),
        ("us", ["\u202a+44 7700 900123\u202c", "\ufeff+447700900123", "tel:+447700900123"], "447700900123"),
        ("us", ["Tel. +44 7700 900123", "M: +44 7700 900123", "[+44] 7700 900123"], "447700900123"),
        # From abroad: the exit code of the country.
        ("us", ["011 44 20 7946 0958", "+44 20 7946 0958", "+44 020 7946 0958"], "442079460958"),
        ("au", ["0011 44 20 7946 0958"], "442079460958"),
        ("us", ["202-555-0163,,5", "202-555-0163;ext=5"], "12025550163"),
        ("us", ["555-0163", "5550163"], "15550163"),
    ],
)
def test_spellings_of_one_phone_number_are_equal(settings, country, spellings, normal):
    settings.COUNTRY = country
    assert [spelling.normal_phone(written) for written in spellings] == [normal] * len(spellings)


def test_spellings_of_one_address_are_equal():
    for written in (
        "  Zoe@Example.ORG ",
        "zoe@example.org",
        "zoe@example.org\u200b",
        "\u202azoe@example.org",
    ):
        assert spelling.normal_email(written) == "zoe@example.org"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Zoë O'Neill-Zoe", ["zoe", "o'neill"]),
        ("ZOE O’NEILL", ["zoe", "o'neill"]),
        ("  Nguyễn   Văn An ", ["nguyen", "van", "an"]),
        ("Groß", ["gross"]),
        ("李 小龙", ["李", "小龙"]),
        ("Séamus D´Angelo", ["seamus", "d'angelo"]),
        ("Kaʻiulani Oʹahu", ["ka'iulani", "o'ahu"]),
        ("Łukasz Wiśniewski", ["lukasz", "wisniewski"]),
        ("Yıldız Øster", ["yildiz", "oster"]),
        ("YILDIZ ØSTER", ["yildiz", "oster"]),
        ("Ðuro Þór Ægir Œuvre", ["duro", "thor", "aegir", "oeuvre"]),
        ("Εὐάγγελος", ["ευαγγελοσ"]),
        ("राजेश", ["राजेश"]),
        ("Ann\u200bMarie", ["annmarie"]),
        ("' _ -", []),
        ("", []),
    ],
)
def test_name_words(name, words):
    assert spelling.name_words(name) == words


@pytest.mark.parametrize(
    ("written", "dialed"),
    [
        ("(617) 555-0110", "6175550110"),
        ("988", "988"),
        ("116 123", "116123"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("1-800-273-TALK", "18002738255"),
        ("1-800-QUIT-NOW", "18007848669"),
        ("202 555 0100 ext. 5", "2025550100;ext=5"),
        ("202 555 0100 x5", "2025550100;ext=5"),
        ("\u202a+44 20 7946 0958\u202c", "+442079460958"),
        ("", ""),
    ],
)
def test_a_number_is_dialed_as_people_mean_it(written, dialed):
    assert spelling.dialed(written) == dialed
