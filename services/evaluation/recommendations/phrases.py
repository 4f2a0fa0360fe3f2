"""What the pages about recommendations say, in Swedish and English."""

from services.evaluation.words import LANGUAGES, Words

PHRASES: dict[str, tuple[str, str]] = {
    "title": ("Förslag till ändring", "Recommended changes"),
    "intro": (
        "När resultaten talar för att ett program behöver ändras står det här. Det är ett förslag: ni avgör.",
        "When the results say that a programme needs to change, it is told here. It is a proposal: you decide.",
    ),
    "none": (
        "Inget program behöver ändras, såvitt resultaten visar.",
        "No programme needs to change, as far as the results show.",
    ),
    "heading": ("{title}: ett förslag till ändring", "{title}: a recommended change"),
    "about": (
        "Gäller version {revision} av programmet {programme}. Kom den {day}.",
        "About revision {revision} of the programme {programme}. Made on {day}.",
    ),
    "day": ("Datum", "Date"),
    "state": ("Läge", "State"),
    "open": ("väntar på svar", "waits for an answer"),
    "accepted": ("antaget, ny version väntas", "accepted, a new revision is awaited"),
    "declined": ("avböjt", "declined"),
    "addressed": ("besvarat med en ny version", "answered by a new revision"),
    "findings": ("Vad resultaten visar", "What the results show"),
    "surely_below": ("ligger med stor säkerhet under", "is almost certainly below"),
    "likely_below": ("ligger troligen under", "is probably below"),
    "finding_level": (
        "{label} {certainty} {threshold} av 100. Uppskattningen är {estimate} (95 % intervall {low} till {high}).",
        "{label} {certainty} {threshold} out of 100. The estimate is {estimate} (95 % interval {low} to {high}).",
    ),
    "finding_level_maybe": (
        "{label} kan ligga under {threshold} av 100, men det är inte säkert. Uppskattningen är {estimate} "
        "(95 % intervall {low} till {high}).",
        "{label} may be below {threshold} out of 100, but that is not certain. The estimate is {estimate} "
        "(95 % interval {low} to {high}).",
    ),
    "finding_gain": (
        "Ett halvår efter programmet har förståelsen av hur det egna uppdraget hänger ihop med kommunens "
        "mål {certainty} ökat mindre än {threshold} poäng. Uppskattningen är {estimate} (95 % intervall {low} till "
        "{high}).",
        "Half a year after the programme, the understanding of how one's mission connects to the municipality's goals "
        "has {certainty} risen by less than {threshold} points. The estimate is {estimate} (95 % interval {low} to "
        "{high}).",
    ),
    "surely": ("med stor säkerhet", "almost certainly"),
    "likely": ("troligen", "probably"),
    "finding_vitality": (
        "Gruppernas nätverk har avstannat: i medel {estimate} av 100, och under {threshold} räknas som avstannat.",
        "The groups' networks have stalled: {estimate} out of 100 on average, and below {threshold} counts as stalled.",
    ),
    "because": ("Därför räknas det:", "It counts because"),
    "likely_low": (
        "sannolikheten för ett så lågt värde är över 80 %",
        "the probability of so low a value is above 80 %",
    ),
    "again": ("så var det i två grupper i rad", "it was so in two groups in a row"),
    "several": ("fler delar i samma grupp är svaga", "other parts are weak in the same group"),
    "small_gain": (
        "sannolikheten för en så liten ökning är över 80 %",
        "the probability of so small a rise is above 80 %",
    ),
    "stalled_twice": ("så är det i minst två grupper", "it is so in two groups or more"),
    "reflection": ("Tiden för reflektion", "The time for reflection"),
    "breadth": ("Bredden i innehållet", "The breadth of the content"),
    "depth": ("Djupet i innehållet", "The depth of the content"),
    "community": ("Gemenskapen i gruppen", "The sense of community in the group"),
    "TR": ("Användningen av det man lärt sig", "The use of what was learnt"),
    "UM.change": ("Ökad förståelse av uppdrag och mål", "The rise in understanding of mission and goals"),
    "caution": (
        "Förslaget vilar på publicerade resultat för få personer. Även ett bra program kan få ett förslag av en "
        "slump, och en svag grupp kan ha andra skäl än programmet. Läs gruppernas resultat innan ni svarar.",
        "The proposal rests on published results of few people. A good programme may get one by chance, too, and a "
        "weak group may have other reasons than the programme. Read the groups' results before you answer.",
    ),
    "to_do": ("Vad ni kan göra", "What you can do"),
    "to_do_accepted": (
        "Ändra programmet och tala om vad ändringen svarar på:",
        "Change the programme, and tell what the change answers:",
    ),
    "to_do_open": (
        "Anta förslaget, ändra programmet och tala om vad ändringen svarar på:",
        "Accept the proposal, change the programme, and tell what the change answers:",
    ),
    "to_do_decline": (
        "Avböj med ett skäl. Då kommer samma förslag inte igen förrän ett nytt resultat säger mer.",
        "Decline with a reason. The same proposal does not come again before a new result says more.",
    ),
    "accept": ("Anta förslaget", "Accept the proposal"),
    "decline": ("Avböj förslaget", "Decline the proposal"),
    "reason": ("Skäl för att avböja", "Reason for declining"),
    "reason_hint": (
        "Skriv inte namn eller sådant som pekar ut någon. Högst 500 tecken.",
        "Do not write names or anything that points someone out. At most 500 characters.",
    ),
    "reason_missing": (
        "Inget är sparat än. Skriv varför ni avböjer, så att den som läser senare förstår.",
        "Nothing has been saved yet. Write why you decline, so that whoever reads it later understands.",
    ),
    "decided": ("Svar", "Answer"),
    "accepted_by": ("Antaget den {day} av {by}.", "Accepted on {day} by {by}."),
    "declined_by": ("Avböjt den {day} av {by}: {reason}", "Declined on {day} by {by}: {reason}"),
    "addressed_by": (
        "Version {revision} av programmet svarar på förslaget.",
        "Revision {revision} of the programme answers it.",
    ),
    "too_late": (
        "Ert svar är inte sparat: någon annan hann före. Så här står det nu.",
        "Your answer has not been saved: somebody else came first. This is how it stands now.",
    ),
    "since": ("Efter ändringen", "After the change"),
    "since_line": (
        "{label}: sedan version {revision} {gain} poäng (95 % intervall {low} till {high}; {later} grupper mot "
        "{earlier} före). {finding}",
        "{label}: since revision {revision} {gain} points (95 % interval {low} to {high}; {later} groups "
        "against {earlier} before). {finding}",
    ),
    "up": ("Det är med stor säkerhet bättre.", "It is almost certainly better."),
    "down": ("Det är med stor säkerhet sämre.", "It is almost certainly worse."),
    "likely_up": ("Det är troligen bättre, men det är inte säkert.", "It is probably better, but that is not certain."),
    "likely_down": ("Det är troligen sämre, men det är inte säkert.", "It is probably worse, but that is not certain."),
    "unclear": (
        "Det kan vara bättre eller inte, grupperna räcker inte för att avgöra det.",
        "It may be better or not, the groups cannot tell.",
    ),
    "since_wait": (
        "Grupper med den nya versionen jämförs med tidigare när det finns resultat från minst två av varje.",
        "Groups with the new revision are compared with earlier ones once there are results of at least two of each.",
    ),
    "missing_title": ("Förslaget finns inte", "There is no such proposal"),
    "missing": (
        "Kontrollera att hela adressen är med, eller välj i listan över förslag.",
        "Check that the whole address is there, or choose in the list of proposals.",
    ),
}


class RecommendationWords(Words):
    """The phrases about recommendations, and those that all pages of evaluation share."""

    def __getitem__(self, name: str) -> str:
        if name not in PHRASES:
            return super().__getitem__(name)
        sv, en = PHRASES[name]
        return en if self.language == "en" else sv


def words(language: str) -> RecommendationWords:
    """The phrases in a language; Swedish where we do not have it."""
    return RecommendationWords(language if language in LANGUAGES else "sv")
