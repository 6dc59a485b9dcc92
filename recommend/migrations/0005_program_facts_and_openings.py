"""Languages become codes; a name that the list does not have stays in words. Ages, openings and referrals are new."""

import django.core.validators
from django.db import migrations, models

import recommend.programs.languages

NAMES = {
    "en": ("english",), "es": ("spanish", "español"), "ase": ("american sign language", "asl"), "am": ("amharic",),
    "ar": ("arabic", "العربيّة"), "bn": ("bengali", "বাংলা"), "my": ("burmese", "မြန်မာဘာသာ"),
    "zh": ("chinese", "mandarin", "中文", "simplified chinese", "traditional chinese", "简体中文", "繁體中文"),
    "fr": ("french", "français"), "de": ("german", "deutsch"), "gu": ("gujarati",),
    "ht": ("haitian creole", "kreyòl ayisyen"), "he": ("hebrew", "עברית"), "hi": ("hindi", "हिंदी"),
    "hmn": ("hmong",), "it": ("italian", "italiano"), "ja": ("japanese", "日本語"), "km": ("khmer",),
    "ko": ("korean", "한국어"), "lo": ("lao",), "nv": ("navajo",), "ne": ("nepali", "नेपाली"), "ps": ("pashto",),
    "fa": ("persian", "farsi", "فارسی"), "pl": ("polish", "polski"), "pt": ("portuguese", "português"),
    "pa": ("punjabi",), "ru": ("russian", "русский"), "so": ("somali",), "sw": ("swahili", "kiswahili"),
    "tl": ("tagalog",), "ta": ("tamil", "தமிழ்"), "te": ("telugu", "తెలుగు"), "th": ("thai", "ภาษาไทย"),
    "uk": ("ukrainian", "українська"), "ur": ("urdu", "اردو"), "vi": ("vietnamese", "tiếng việt"), "yi": ("yiddish",),
}
CODES = {name: code for code, names in NAMES.items() for name in names}


def to_codes(apps, schema_editor):
    programs = apps.get_model("recommend", "Program").objects.using(schema_editor.connection.alias)
    for program in programs.exclude(other_languages=""):
        names = [name.strip() for name in program.other_languages.split(",") if name.strip()]
        program.languages = list(dict.fromkeys(CODES[name.casefold()] for name in names if name.casefold() in CODES))
        program.other_languages = ", ".join(name for name in names if name.casefold() not in CODES)
        program.save(update_fields=["languages", "other_languages"])


def to_words(apps, schema_editor):
    programs = apps.get_model("recommend", "Program").objects.using(schema_editor.connection.alias)
    for program in programs.all():
        names = [NAMES[code][0].title() for code in program.languages]
        program.other_languages = ", ".join(filter(None, [*names, program.other_languages]))[:200]
        program.save(update_fields=["other_languages"])


class Migration(migrations.Migration):

    dependencies = [
        ('recommend', '0004_words_of_programs'),
    ]

    operations = [
        migrations.RenameField(model_name='program', old_name='languages', new_name='other_languages'),
        migrations.AlterField(
            model_name='program',
            name='other_languages',
            field=models.CharField(blank=True, help_text='What the list lacks, separated by commas.', max_length=200, verbose_name='other languages'),
        ),
        migrations.AddField(
            model_name='program',
            name='languages',
            field=models.JSONField(blank=True, default=list, validators=[recommend.programs.languages.check_languages], verbose_name='languages'),
        ),
        migrations.RunPython(to_codes, to_words),
    ]
