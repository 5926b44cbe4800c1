"""Words, names and time zones that made-up calendars and address books are composed of."""

from __future__ import annotations

GIVEN = (
    *("Ana", "Björn", "Chloé", "Dávid", "Elif", "Fatima", "Giorgos", "Hana", "Iñaki", "Jürgen", "Kateřina", "Łukasz"),
    *("Μαρία", "Ольга", "Дмитрий", "さくら", "健太", "小明", "민준", "नेहा", "يوسف", "דניאל", "Nguyễn", "Zoë"),
)
FAMILY = (
    *("Silva", "Müller", "Çelik", "Dvořák", "Østergaard", "García Márquez", "O'Neill", "Le Roux", "Szczęsny", "Smith"),
    *("Παπαδοπούλου", "Иванова", "鈴木", "王", "김", "शर्मा", "حداد", "כהן", "Ng", "Fournier-Dumas"),
)
SUBJECTS = (
    *("Team meeting", "Dentist", "Lunch with Chloé", "Zahnarzt für die Kinder", "Reunião de pais, escola", "Swimming"),
    *(
        "Συνέλευση πολυκατοικίας",
        "Встреча выпускников",
        "打ち合わせ 第三会議室",
        "생일 파티 🎂",
        "اجتماع الفريق",
        "Yoga; bring a mat",
    ),
)
SENTENCES = (
    "Please read the notes beforehand and bring your own questions, the room is booked for an hour only.",
    "Bitte pünktlich sein: der Schlüssel liegt beim Empfang, die Tür öffnet erst um zehn nach.",
    "Não te esqueças de levar o relatório; a estação fica a cinco minutos a pé.",
    "Η αίθουσα άλλαξε, δείτε τον χάρτη στην είσοδο του κτιρίου.",
    "Возьмите с собой паспорт и распечатанное приглашение, вход со двора.",
    "集合は駅の北口です。遅れる場合は電話してください。",
    "Dial-in: +41 44 555 01 23, code 8842#. Agenda at https://example.org/agenda?week=12&team=blue",
    "🚲 Meet at the lake, we ride home together ☕ if the weather holds.",
)
PLACES = (
    "Room 3.14",
    "Café de la Gare, Genève",
    "Straße des 17. Juni 135, Berlin",
    "渋谷区道玄坂1-2-3",
    "Online",
    "Зал №5",
)
COMPANIES = ("Example Ltd", "Müller & Söhne AG", "Κάβα ΑΕ", "株式会社例", "Ромашка", "Ferme du Lac; Bio")
LABELS = ("_$!<HomePage>!$_", "Ferienhaus", "Assistant", "学校", "_$!<Anniversary>!$_")


def _rule(part: str, start: str, rrule: str, shift: tuple[str, str]) -> tuple[str, ...]:
    """Return one STANDARD or DAYLIGHT rule; `shift` holds the offsets before and after."""
    before, after = shift
    head = (f"BEGIN:{part}", f"DTSTART:{start}", f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}")
    return (*head, *([f"RRULE:{rrule}"] if rrule else []), f"END:{part}")


_EU_SUMMER, _EU_WINTER = "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"
_US_SUMMER, _US_WINTER = "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"

# Rules of VTIMEZONE components by TZID, as calendar programs write them today.
ZONES: dict[str, tuple[str, ...]] = {
    "Europe/Zurich": (
        *_rule("DAYLIGHT", "19810329T020000", _EU_SUMMER, ("+0100", "+0200")),
        *_rule("STANDARD", "19961027T030000", _EU_WINTER, ("+0200", "+0100")),
    ),
    "Europe/Lisbon": (
        *_rule("DAYLIGHT", "19960331T010000", _EU_SUMMER, ("+0000", "+0100")),
        *_rule("STANDARD", "19961027T020000", _EU_WINTER, ("+0100", "+0000")),
    ),
    "America/New_York": (
        *_rule("DAYLIGHT", "20070311T020000", _US_SUMMER, ("-0500", "-0400")),
        *_rule("STANDARD", "20071104T020000", _US_WINTER, ("-0400", "-0500")),
    ),
    "Asia/Tokyo": _rule("STANDARD", "19510909T010000", "", ("+0900", "+0900")),
    "Asia/Kolkata": _rule("STANDARD", "19451015T000000", "", ("+0530", "+0530")),
}
