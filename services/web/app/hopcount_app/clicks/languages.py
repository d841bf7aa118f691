"""What languages are called in English."""

from collections.abc import Mapping

_TABLE = """
af Afrikaans; am Amharic; ar Arabic; az Azerbaijani; be Belarusian; bg Bulgarian; bn Bangla; bs Bosnian;
ca Catalan; cs Czech; cy Welsh; da Danish; de German; el Greek; en English; eo Esperanto; es Spanish;
et Estonian; eu Basque; fa Persian; fi Finnish; fil Filipino; fr French; ga Irish; gl Galician;
gu Gujarati; he Hebrew; hi Hindi; hr Croatian; hu Hungarian; hy Armenian; id Indonesian; is Icelandic;
it Italian; ja Japanese; ka Georgian; kk Kazakh; km Khmer; kn Kannada; ko Korean; ku Kurdish; ky Kyrgyz;
lb Luxembourgish; lo Lao; lt Lithuanian; lv Latvian; mk Macedonian; ml Malayalam; mn Mongolian;
mr Marathi; ms Malay; mt Maltese; my Burmese; nb Norwegian (Bokmål); ne Nepali; nl Dutch;
nn Norwegian (Nynorsk); no Norwegian; pa Punjabi; pl Polish; ps Pashto; pt Portuguese; rm Romansh;
ro Romanian; ru Russian; rw Kinyarwanda; si Sinhala; sk Slovak; sl Slovenian; so Somali; sq Albanian;
sr Serbian; sv Swedish; sw Swahili; ta Tamil; te Telugu; tg Tajik; th Thai; ti Tigrinya; tk Turkmen;
tl Tagalog; tr Turkish; uk Ukrainian; ur Urdu; uz Uzbek; vi Vietnamese; xh Xhosa; yue Cantonese;
zh Chinese; zu Zulu
"""

LANGUAGES: Mapping[str, str] = {
    code: " ".join(words) for code, *words in (entry.split() for entry in _TABLE.split(";"))
}
"""By primary subtag (BCP 47); those that sites are commonly read in."""
