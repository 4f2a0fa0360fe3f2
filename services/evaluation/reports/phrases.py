"""What reports and the pages of results say, in Swedish and English."""

REPORTS: dict[str, tuple[str, str]] = {
    # the list, and what every page has
    "results": ("Resultat", "Results"),
    "results_none": (
        "Inga resultat är publicerade än. De kommer när en grupps första frågeomgångar har stängt.",
        "No results have been published yet. They come when a group's first rounds of questions have closed.",
    ),
    "no_result_title": ("Inget resultat än", "No result yet"),
    "no_result": (
        "För {what} finns inget resultat. Det publiceras när en frågeomgång har stängt.",
        "There is no result for {what}. It is published when a round of questions has closed.",
    ),
    "group": ("Grupp", "Group"),
    "groups": ("Grupper", "Groups"),
    "programme": ("Program", "Programme"),
    "published": ("Publicerat", "Published"),
    "next_page": ("Nästa sida", "Next page"),
    "revision": ("Version {revision} av programmet", "Revision {revision} of the programme"),
    "released_once": ("publicerat {day}", "published {day}"),
    "released_more": ("publicerat {first} till {last}", "published {first} to {last}"),
    "as_file": ("Ladda ner", "Download"),
    "all_groups": ("Alla resultat", "All results"),
    "of_municipality": ("Kommunen över åren", "The municipality over the years"),
    "answer": ("Svaret i korthet", "The answer in short"),
    "nothing_shown": (
        "Resultatet visas inte, för att ingen ska kunna pekas ut.",
        "The result is not shown, so that nobody can be found out.",
    ),
    # tables
    "figures": ("Alla publicerade siffror", "All published figures"),
    "figures_caption": (
        "Publicerade siffror, index 0–100 om inget annat sägs",
        "Published figures, index 0–100 unless stated otherwise",
    ),
    "measure": ("Mått", "Measure"),
    "wave": ("När", "When"),
    "session": ("Träff", "Session"),
    "people": ("Personer", "People"),
    "value": ("Värde", "Value"),
    "interval": ("95 % intervall", "95 % interval"),
    "mean": ("Medel", "Mean"),
    "changed": ("Ändring", "Change"),
    "count": ("Antal", "Number"),
    "to": ("till", "to"),
    "year": ("År", "Year"),
    "wave_T0": ("Före", "Before"),
    "wave_T1": ("Efter", "After"),
    "wave_T2": ("Efter 3 månader", "After 3 months"),
    "wave_T3": ("Efter ett halvår", "After half a year"),
    "wave_T4": ("Efter ett år", "After a year"),
    "wave_P": ("Efter en träff", "After a session"),
    "short_T0": ("Före", "Before"),
    "short_T1": ("Efter", "After"),
    "short_T3": ("Halvår", "6 months"),
    "short_T4": ("Ett år", "A year"),
    "when_T0": ("före programmet", "before the programme"),
    "when_T1": ("direkt efter programmet", "right after the programme"),
    "when_T2": ("tre månader efter programmet", "three months after the programme"),
    "when_T3": ("ett halvår efter programmet", "half a year after the programme"),
    "when_T4": ("ett år efter programmet", "a year after the programme"),
    # names of figures
    "of_change": (", ändring sedan före", ", change since before"),
    "part_change": ("ändring sedan före", "change since before"),
    "part_improved": ("andel som ökat minst 5 poäng", "share that rose by 5 points or more"),
    "part_unchanged": ("andel som ändrats mindre än 5 poäng", "share that moved by less than 5 points"),
    "part_worse": ("andel som minskat minst 5 poäng", "share that fell by 5 points or more"),
    "part_not_improved": ("andel som inte ökat minst 5 poäng", "share that did not rise by 5 points"),
    "part_not_worse": ("andel som inte minskat minst 5 poäng", "share that did not fall by 5 points"),
    "part_movement": ("hur många som ökat och minskat", "how many rose and fell"),
    "part_looking_back_change": ("ändring, bedömd i efterhand", "change, judged in hindsight"),
    "part_task_change": ("ändring enligt en bedömare", "change by an assessor"),
    "part_looking_back": ("före, bedömt i efterhand", "before, judged in hindsight"),
    "part_task": ("beskriva sitt bidrag, läst av en bedömare", "describing one's contribution, read by an assessor"),
    "part_pulse": ("efter en träff", "after a session"),
    "part_density": ("kontakter av möjliga", "contacts out of those possible"),
    "part_reach": ("har kontakt med någon", "in contact with somebody"),
    "part_callable": ("har någon att ringa", "have somebody to call"),
    "part_self_organised": ("träffas på eget initiativ", "meet on their own initiative"),
    "part_usefulness": ("har hjälpt i en konkret fråga", "has helped with a concrete matter"),
    "part_retention": ("kontakter kvar sedan programmets slut", "contacts kept since the programme ended"),
    "part_vitality": ("livskraft", "vitality"),
    "part_promoters": ("9–10, rekommenderar gärna", "9–10, would gladly recommend"),
    "part_passives": ("7–8, varken eller", "7–8, neither"),
    "part_detractors": ("0–6, rekommenderar knappast", "0–6, would hardly recommend"),
    "part_not_promoters": ("0–8, rekommenderar inte gärna", "0–8, would not gladly recommend"),
    "part_not_detractors": ("7–10, rekommenderar eller varken eller", "7–10, would recommend, or neither"),
    "part_change_bound": (
        "ändring, om de som inte svarade inte har ändrats alls",
        "change, if those who did not answer have not changed at all",
    ),
    "part_index": ("index −100 till 100", "index −100 to 100"),
    # how sure
    "surely": ("med stor säkerhet", "almost certainly"),
    "probably": ("troligen", "probably"),
    "sentence_change": (
        "{claim}, {when}: {change} poäng (95 % intervall {low} till {high}), {n} {people}.",
        "{claim}, {when}: {change} points (95 % interval {low} to {high}), {n} {people}.",
    ),
    "sentence_no_spread": (
        "{claim}, {when}: {change} poäng, {n} {people}. Alla ändrades lika mycket, så osäkerheten går inte att "
        "räkna ut.",
        "{claim}, {when}: {change} points, {n} {people}. Everybody changed by the same, so the uncertainty "
        "cannot be computed.",
    ),
    "who_people": ("personer", "people"),
    "who_managers": ("chefers medarbetare", "managers' employees"),
    "who_groups": ("grupper", "groups"),
    # one question each: what is claimed, what is said when it is not clear, and the words for more and less
    "UM.change": (
        "Deltagarna förstår {sure} uppdrag och mål {more} än innan",
        "The participants {sure} understand mission and goals {more} than before",
    ),
    "UM.change_unclear": (
        "Det går inte att säga om deltagarna förstår uppdrag och mål bättre eller sämre än innan",
        "It cannot be said whether the participants understand mission and goals better or worse than before",
    ),
    "UM.change_level": (
        "Förståelsen av uppdrag och mål är i medel {value} av 100 {when}, {n} personer. Det har frågats en "
        "gång, så en ändring går inte att visa.",
        "The understanding of mission and goals is {value} out of 100 on average {when}, {n} people. It was "
        "asked once, so a change cannot be shown.",
    ),
    "UM.task_change": (
        "När en bedömare läser hur deltagarna beskriver sitt bidrag till målen är det {sure} {more} än innan",
        "Read by an assessor, how the participants describe their contribution to the goals is {sure} {more} "
        "than before",
    ),
    "UM.task_change_unclear": (
        "Det går inte att säga om deltagarna beskriver sitt bidrag till målen tydligare eller otydligare än "
        "innan, när en bedömare läser",
        "Read by an assessor, it cannot be said whether the participants describe their contribution to the "
        "goals more or less clearly than before",
    ),
    "LU.change": (
        "Deltagarna arbetar {sure} {more} med att utveckla sitt ledarskap än innan",
        "The participants {sure} work {more} on developing their leadership than before",
    ),
    "LU.change_unclear": (
        "Det går inte att säga om deltagarna arbetar mer eller mindre med att utveckla sitt ledarskap än innan",
        "It cannot be said whether the participants work more or less on developing their leadership than before",
    ),
    "HME.governance_change": (
        "Mål och förväntningar på arbetsplatsen är för deltagarna {sure} {more} än innan",
        "Goals and expectations at work are {sure} {more} to the participants than before",
    ),
    "HME.governance_change_unclear": (
        "Det går inte att säga om mål och förväntningar på arbetsplatsen är tydligare eller otydligare för "
        "deltagarna än innan",
        "It cannot be said whether goals and expectations at work are clearer or less clear to the "
        "participants than before",
    ),
    "BE.own_change": (
        "Deltagarna själva tycker {sure} att de gör {more} för att koppla arbetet till målen än innan",
        "The participants {sure} think that they do {more} to connect work with goals than before",
    ),
    "BE.own_change_unclear": (
        "Det går inte att säga om deltagarna själva tycker att de gör mer eller mindre för att koppla arbetet "
        "till målen än innan",
        "It cannot be said whether the participants think that they do more or less to connect work with goals "
        "than before",
    ),
    "BE.seen_change": (
        "Medarbetarna tycker {sure} att deras chefer gör {more} för att koppla arbetet till målen än innan",
        "Employees {sure} think that their managers do {more} to connect work with goals than before",
    ),
    "BE.seen_change_unclear": (
        "Det går inte att säga om medarbetarna tycker att deras chefer gör mer eller mindre för att koppla "
        "arbetet till målen än innan",
        "It cannot be said whether employees think that their managers do more or less to connect work with "
        "goals than before",
    ),
    "HME.leadership_change": (
        "Medarbetarna tycker {sure} {more} om hur deras chefer visar uppskattning och förtroende än innan",
        "Employees {sure} think {more} of how their managers show appreciation and trust than before",
    ),
    "HME.leadership_change_unclear": (
        "Det går inte att säga om medarbetarna tycker bättre eller sämre om hur deras chefer visar "
        "uppskattning och förtroende än innan",
        "It cannot be said whether employees think better or worse of how their managers show appreciation and "
        "trust than before",
    ),
    "sentence_groups": (
        "{claim}, {when}: {change} poäng när {groups} grupper ses tillsammans (95 % intervall {low} till {high}).",
        "{claim}, {when}: {change} points with {groups} groups seen together (95 % interval {low} to {high}).",
    ),
    "looking_back": (
        "När de {n} i efterhand bedömer hur det var innan blir skillnaden {seen} i stället för {measured} "
        "poäng. Minnet brukar överdriva åt det hållet, så det är jämförelsen med svaren före som gäller.",
        "When the {n} judge in hindsight how it was before, the difference becomes {seen} instead of "
        "{measured} points. Memory tends to exaggerate in that direction, so it is the comparison with the "
        "answers before that counts.",
    ),
    "bound": (
        "Om de som inte svarade inte har ändrats alls blir ändringen {value} poäng, {when}.",
        "If those who did not answer have not changed at all, the change becomes {value} points, {when}.",
    ),
    "rx_answer": (
        "Deltagarna ger programmet {value} av 100, {n} personer.",
        "The participants give the programme {value} out of 100, {n} people.",
    ),
    "rx_parts": (
        "Starkast är {strongest} ({strongest_value}), svagast {weakest} ({weakest_value}).",
        "Strongest is {strongest} ({strongest_value}), weakest {weakest} ({weakest_value}).",
    ),
    "tr_answer": (
        "Hur mycket av programmet som kommer till användning i vardagen är {value} av 100, {when}, {n} personer.",
        "How much of the programme is put to use at work is {value} out of 100, {when}, {n} people.",
    ),
    "nv_answer": (
        "Gruppens nätverk {status} {when}: livskraft {value} av 100, {n} svar.",
        "The group's network {status} {when}: vitality {value} out of 100, {n} answers.",
    ),
    "nv_reach": (
        "I gruppen har {value} kontakt med någon annan deltagare, {when}, {n} svar.",
        "In the group, {value} are in contact with some other participant, {when}, {n} answers.",
    ),
    "nv_meaning": (
        "Livskraften väger ihop hur många kontakter som finns kvar, hur många som har kontakt med någon, om "
        "gruppen träffas själv och om den har hjälpt. Från 60 lever nätverket, från 40 försvagas det, därunder "
        "har det avstannat. Gränserna är våra egna.",
        "Vitality weighs together how many contacts are kept, how many are in contact with somebody, whether "
        "the group meets by itself and whether it has helped. From 60 the network is alive, from 40 it is "
        "fading, below that it has stalled. The thresholds are our own.",
    ),
    "network_alive": ("lever", "is alive"),
    "network_fading": ("försvagas", "is fading"),
    "network_stalled": ("har avstannat", "has stalled"),
    "ri_answer": (
        "{count} av {n} skulle gärna rekommendera programmet till en annan chef.",
        "{count} of {n} would gladly recommend the programme to another manager.",
    ),
    "ri_index": (
        "Rekommendationsindex är {value} på en skala från −100 till 100, {n} personer.",
        "The recommendation index is {value} on a scale from −100 to 100, {n} people.",
    ),
    # sections
    "understanding": ("Uppdrag och mål", "Mission and goals"),
    "leadership": ("Ledarskapet", "Leadership"),
    "leadership_caption": (
        "Att utveckla sitt ledarskap, och styrningen på arbetsplatsen",
        "Developing one's leadership, and strategic management at work",
    ),
    "reaction": ("Om programmet", "About the programme"),
    "transfer": ("Till nytta i vardagen", "Put to use at work"),
    "transfer_caption": ("Hur programmet har använts efteråt", "How the programme has been used afterwards"),
    "behaviour": (
        "Vad cheferna gör, enligt dem själva och medarbetarna",
        "What managers do, by themselves and by employees",
    ),
    "behaviour_caption": (
        "Deltagarnas egna svar bredvid medarbetarnas",
        "The participants' own answers beside their employees'",
    ),
    "behaviour_title": (
        "Att koppla arbetet till målen, före och efter ett halvår",
        "Connecting work with goals, before and after half a year",
    ),
    "behaviour_text": (
        "Fylld punkt: deltagarna om sig själva. Ihålig punkt: medarbetarna om sina chefer. Skala 0–100.",
        "Solid dot: participants about themselves. Hollow dot: employees about their managers. Scale 0–100.",
    ),
    "by_own": ("Egna svar", "Own answers"),
    "by_seen": ("Medarbetarna", "Employees"),
    "network": ("Nätverket", "The network"),
    "network_caption": (
        "Kontakterna i gruppen; ingen har nämnts vid namn",
        "Contacts in the group; nobody has been named",
    ),
    "recommendation": ("Rekommendation", "Recommendation"),
    "recommend_title": ("Skulle rekommendera programmet, {n} personer", "Would recommend the programme, {n} people"),
    "recommend_text": (
        "Svar 0–10 i tre grupper. Med så få personer visas antal och inget index.",
        "Answers 0–10 in three groups. With so few people, counts are shown and no index.",
    ),
    "recommend_caption": ("Hur många som skulle rekommendera programmet", "How many would recommend the programme"),
    "comments": ("Med egna ord", "In their own words"),
    "comments_note": (
        "Någon på programkontoret har läst kommentarerna och släppt dem som inte pekar ut någon. Ordningen är slumpad.",
        "Somebody at the programme office has read the comments and released those that point at nobody. Their "
        "order is random.",
    ),
    "participation": ("Deltagande", "Participation"),
    "participation_caption": ("Tillfrågade och svarande per frågeomgång", "Asked and answered in each round"),
    "asked": ("Tillfrågade", "Asked"),
    "answered": ("Svarat", "Answered"),
    "pairs": ("Svarat även före", "Answered before, too"),
    "late": ("Kom till senare", "Came later"),
    "of_employees": ("medarbetare", "employees"),
    "hidden": ("Vad som inte visas, och varför", "What is not shown, and why"),
    "hidden_nothing": ("Allt som har mätts visas.", "Everything that was measured is shown."),
    "too_few": (
        "för få har svarat för att ingen ska kunna pekas ut",
        "too few have answered for nobody to be found out",
    ),
    "group_too_small": (
        "någon av delgrupperna är så liten att den kunde peka ut någon",
        "one of the subgroups is so small that it could point at somebody",
    ),
    "difference": ("Skillnad", "Difference"),
    "not_scored": (
        "texterna är inte bedömda än; de kommer med nästa resultat",
        "the texts have not been read yet; they come with the next result",
    ),
    "homogeneous": (
        "svaren är så lika att de skulle avslöja var och ens",
        "the answers are so alike that they would give away each",
    ),
    "method": ("Metod och begränsningar", "Method and limits"),
    # drawings
    "levels_title": (
        "Uppdrag och mål på en skala 0–100: {levels}",
        "Mission and goals on a scale of 0–100: {levels}",
    ),
    "levels_text": (
        "Punkterna är medelvärden. Strecken visar 95 % intervall för ändringen sedan före, hos dem som svarat "
        "båda gångerna.",
        "The dots are means. The bars show the 95 % interval of the change since before, of those who answered "
        "both times.",
    ),
    "levels_caption": ("Uppdrag och mål över tid, index 0–100", "Mission and goals over time, index 0–100"),
    "movement_title": ("Av {n} personer: {parts}", "Of {n} people: {parts}"),
    "movement_text": (
        "Räknat på var persons egen ändring direkt efter programmet. Under 5 poäng räknas som oförändrat.",
        "By each person's own change right after the programme. Less than 5 points counts as unchanged.",
    ),
    "movement_caption": (
        "Hur många som ökat och minskat, direkt efter programmet",
        "How many rose and fell, right after the programme",
    ),
    "moved_improved": ("har ökat", "rose"),
    "moved_unchanged": ("är oförändrade", "are unchanged"),
    "moved_worse": ("har minskat", "fell"),
    "moved_not_improved": ("har inte ökat", "did not rise"),
    "moved_not_worse": ("har inte minskat", "did not fall"),
    "share": ("Andel", "Share"),
    "beside_caption": (
        "Bredvid: bedömt i efterhand, och läst av en bedömare",
        "Beside it: judged in hindsight, and read by an assessor",
    ),
    "profile_title": ("Om programmet på en skala 0–100", "About the programme on a scale of 0–100"),
    "profile_text": ("Fyra delar, medelvärden.", "Four parts, means."),
    "profile_caption": (
        "Vad deltagarna tyckte om programmets delar",
        "What participants thought of the parts of the programme",
    ),
    "pulses_title": ("Efter träffarna på en skala 0–100", "After the sessions on a scale of 0–100"),
    "pulses_text": (
        "Svar inom någon dag efter varje träff, medelvärden.",
        "Answers within a day or so of each session, means.",
    ),
    "pulses_caption": ("Vad deltagarna tyckte efter varje träff", "What participants thought after each session"),
    # method
    "method_asked": ("Frågeformulär: {instruments}.", "Questionnaires: {instruments}."),
    "method_index": (
        "Svaren 1–5 räknas om till 0–100. En person räknas med när hon har svarat på minst hälften av måttets frågor.",
        "Answers 1–5 are turned into 0–100. A person counts who has answered at least half of a measure's questions.",
    ),
    "method_pairs": (
        "Ändringen är medelvärdet av var persons egen ändring, för dem som svarat både före och vid det "
        "tillfället, med ett parat 95-procentigt t-intervall.",
        "The change is the mean of each person's own change, for those who answered both before and at that "
        "time, with a paired 95 % t interval.",
    ),
    "method_sure": (
        "”Med stor säkerhet” betyder att hela intervallet ligger på samma sida om noll, ”troligen” att ungefär "
        "nio chanser av tio talar för riktningen.",
        "“Almost certainly” means that the whole interval lies on the same side of zero, “probably” that about "
        "nine chances in ten speak for the direction.",
    ),
    "method_employees": (
        "Medarbetarnas svar hör inte ihop med någon person. Varje chef räknas en gång, med medelvärdet av sina "
        "medarbetares svar.",
        "Employees' answers are joined to no person. Each manager counts once, with the mean of her employees' "
        "answers.",
    ),
    "method_network": (
        "Nätverket mäts med hur många man har kontakt med, aldrig vilka.",
        "The network is measured by how many one is in contact with, never whom.",
    ),
    "method_k": (
        "Ingen siffra vilar på färre än {k} personer. Varje siffra publiceras en gång och ändras inte.",
        "No figure rests on fewer than {k} people. Each figure is published once and is not changed.",
    ),
    "method_limits": (
        "Utan jämförelsegrupp vet vi inte hur det hade gått ändå: också annat än programmet kan ligga bakom en "
        "ändring. De flesta av frågorna är våra egna och är inte vetenskapligt prövade än.",
        "Without a comparison group we do not know how it would have gone anyway: other things than the "
        "programme may lie behind a change. Most of the questions are our own and have not been validated yet.",
    ),
    "method_released": (
        "Rapporten bygger bara på siffror som redan är publicerade för grupperna.",
        "The report rests only on figures that have been published for the groups already.",
    ),
    "method_together": (
        "En grupp på tio personer säger lite för sig. Sedda tillsammans dras grupperna mot varandra, den "
        "osäkraste mest (hierarkisk modell, spridningen mellan grupper ~ halvnormal med skala 8 poäng, samma "
        "spridning mellan personer i alla grupper).",
        "A group of ten says little by itself. Seen together, groups are drawn towards each other, the most "
        "uncertain one most (hierarchical model, spread between groups ~ half-normal with scale 8 points, the "
        "same spread between people in all groups).",
    ),
    "method_years": (
        "En grupp räknas till året då den först fick ett resultat. Omdömet är medelvärdet över personer.",
        "A group belongs to the year in which it first got a result. The rating is the mean over people.",
    ),
    # programme and municipality
    "programme_subtitle": (
        "{groups} grupper, publicerat {first} till {last}.",
        "{groups} groups, published {first} to {last}.",
    ),
    "groups_compared": ("Grupperna bredvid varandra", "The groups beside each other"),
    "groups_note": (
        "Ihålig punkt: gruppen för sig. Fylld punkt: gruppen när alla ses tillsammans, vilket är den säkrare "
        "gissningen.",
        "Hollow dot: the group by itself. Solid dot: the group when all are seen together, which is the safer guess.",
    ),
    "left_out": (
        "{count} grupper saknas här: deras ändring är inte publicerad, eller frågorna var andra.",
        "{count} groups are missing here: their change has not been published, or the questions were different.",
    ),
    "estimates_title": (
        "Ändring i uppdrag och mål {when} i {groups} grupper, sedda tillsammans: {least} till {most} poäng",
        "Change in mission and goals {when} in {groups} groups, seen together: {least} to {most} points",
    ),
    "estimates_text": (
        "Ihålig punkt: gruppen för sig. Fylld punkt: sedd tillsammans med de andra. Strecken är 95 % intervall.",
        "Hollow dot: the group by itself. Solid dot: seen together with the others. The bars are 95 % intervals.",
    ),
    "estimates_caption": ("Ändring i uppdrag och mål {when}, poäng", "Change in mission and goals {when}, points"),
    "version": ("Version", "Revision"),
    "versions": ("Versioner", "Revisions"),
    "alone": ("För sig", "By itself"),
    "with_others": ("Tillsammans", "Together"),
    "interval_others": ("95 % intervall, tillsammans", "95 % interval, together"),
    "glance": ("Överblick", "At a glance"),
    "glance_caption": ("Gruppernas viktigaste siffror", "The groups' main figures"),
    "glance_change": ("Uppdrag och mål, ändring", "Mission and goals, change"),
    "glance_later": ("Ändring efter ett halvår", "Change after half a year"),
    "glance_reaction": ("Omdöme", "Rating"),
    "glance_transfer": ("Till nytta", "Put to use"),
    "glance_network": ("Nätverk", "Network"),
    "glance_networks": ("Levande nätverk", "Networks alive"),
    "glance_recommend": ("Rekommenderar gärna", "Gladly recommend"),
    "of_whom": ("{some} av {all}", "{some} of {all}"),
    "revisions": ("Programmets versioner mot varandra", "Revisions of the programme against each other"),
    "revisions_caption": ("Varje version mot den före", "Each revision against the one before it"),
    "revision_up": (
        "Ändringen är med stor säkerhet större i version {later} än i version {earlier}",
        "The change is almost certainly larger in revision {later} than in revision {earlier}",
    ),
    "revision_likely_up": (
        "Ändringen är troligen större i version {later} än i version {earlier}",
        "The change is probably larger in revision {later} than in revision {earlier}",
    ),
    "revision_unclear": (
        "Det går inte att säga om ändringen är större eller mindre i version {later} än i version {earlier}",
        "It cannot be said whether the change is larger or smaller in revision {later} than in revision {earlier}",
    ),
    "revision_likely_down": (
        "Ändringen är troligen mindre i version {later} än i version {earlier}",
        "The change is probably smaller in revision {later} than in revision {earlier}",
    ),
    "revision_down": (
        "Ändringen är med stor säkerhet mindre i version {later} än i version {earlier}",
        "The change is almost certainly smaller in revision {later} than in revision {earlier}",
    ),
    "revision_sentence": (
        "{finding}, {when}: {difference} poäng (95 % intervall {low} till {high}), {old} och {new} grupper. "
        "Det var andra personer, så också annat kan skilja.",
        "{finding}, {when}: {difference} points (95 % interval {low} to {high}), {old} and {new} groups. They "
        "were other people, so other things may differ, too.",
    ),
    "compared_UM.change": ("Uppdrag och mål, ändring {when}", "Mission and goals, change {when}"),
    "compared_RX": ("Omdöme om programmet", "Rating of the programme"),
    "earlier": ("Den tidigare", "The earlier"),
    "later": ("Den senare", "The later"),
    "waiting": ("Vid sidan av dem som väntade", "Beside those who waited"),
    "waiting_note": (
        "Grupper som hade gått programmet bredvid grupper som tillfrågades ungefär samtidigt och inte hade "
        "börjat. Grupperna är inte lottade, så skillnaden kan ha funnits från början.",
        "Groups that had completed the programme beside groups that were asked at about the same time and had "
        "not begun. They were not drawn by lot, so the difference may have been there from the start.",
    ),
    "waiting_caption": ("Uppdrag och mål, index 0–100", "Mission and goals, index 0–100"),
    "waiting_groups": ("Grupp / väntande grupp", "Group / waiting group"),
    "waiting_level": ("De som väntade", "Those who waited"),
    "municipality_subtitle": (
        "{groups} grupper i {programmes} program.",
        "{groups} groups in {programmes} programmes.",
    ),
    "years": ("År för år", "Year by year"),
    "years_caption": (
        "Grupperna efter året då de först fick ett resultat",
        "Groups by the year in which they first got a result",
    ),
    "years_title": (
        "Ändring i uppdrag och mål direkt efter programmet, poäng",
        "Change in mission and goals right after the programme, points",
    ),
    "years_text": (
        "Punkterna är årets grupper sedda tillsammans, strecken 95 % intervall.",
        "The dots are the year's groups seen together, the bars 95 % intervals.",
    ),
    "programmes": ("Program för program", "Programme by programme"),
    "programmes_caption": ("Grupperna efter program, alla år", "Groups by programme, all years"),
    "file_results": ("resultat", "results"),
    "file_municipality": ("kommunen", "municipality"),
    "sheet_answers": ("Svar", "Answers"),
    "sheet_figures": ("Siffror", "Figures"),
    # reading comments
    "reading_door": ("Läs kommentarer (programkontoret)", "Read comments (programme office)"),
    "reading": ("Läs kommentarer", "Read comments"),
    "reading_intro": (
        "Läs en fråga i taget. Släpp det som inte pekar ut någon, och håll inne resten. Inget syns i rapporten "
        "förrän du publicerar.",
        "Read one question at a time. Release what points at nobody, and withhold the rest. Nothing shows in "
        "the report until you publish.",
    ),
    "reading_none": (
        "Det finns inga kommentarer att läsa. De visas när frågeomgången har stängt och minst {least} har "
        "skrivit något på frågan.",
        "There are no comments to read. They show when the round has closed and at least {least} have written "
        "something on the question.",
    ),
    "reading_caption": ("Frågor med kommentarer att läsa", "Questions with comments to read"),
    "question": ("Fråga", "Question"),
    "state": ("Läge", "State"),
    "state_unread": ("{count} kvar att läsa", "{count} left to read"),
    "state_read": ("läst, inte publicerad", "read, not published"),
    "state_published": ("publicerad", "published"),
    "comment_of": ("Kommentar {number} av {count}", "Comment {number} of {count}"),
    "comment_released": ("Släppt.", "Released."),
    "comment_withheld": ("Hålls inne: {reason}.", "Withheld: {reason}."),
    "comment_unread": ("Inte läst än.", "Not read yet."),
    "release_it": ("Släpp", "Release"),
    "withhold_it": ("Håll inne", "Withhold"),
    "why_withhold": ("Varför ska den hållas inne?", "Why should it be withheld?"),
    "why_names": ("nämner eller pekar ut någon", "names or points at somebody"),
    "why_offends": ("kränker någon", "offends somebody"),
    "why_elsewhere": ("hör hemma någon annanstans", "belongs elsewhere"),
    "why_empty": ("säger ingenting", "says nothing"),
    "marked": (
        "Markerade ord börjar med stor bokstav och kan vara namn.",
        "Marked words begin with a capital and may be names.",
    ),
    "publish": ("Publicera", "Publish"),
    "publish_note": (
        "När du publicerar syns de släppta kommentarerna i rapporten. Det går inte att ändra sedan.",
        "When you publish, the released comments show in the report. It cannot be changed afterwards.",
    ),
    "comment_left": ("Läs alla kommentarer först: {count} är kvar.", "Read all comments first: {count} are left."),
    "published_done": ("Frågan är publicerad.", "The question has been published."),
    "comment_published": ("Frågan är redan publicerad.", "The question has been published already."),
    "no_reason": ("Välj varför kommentaren ska hållas inne.", "Choose why the comment should be withheld."),
}
"""A phrase by its name: Swedish, English."""

MORE_AND_LESS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "UM.change": (("bättre", "better"), ("sämre", "worse")),
    "UM.task_change": (("tydligare", "clearer"), ("otydligare", "less clear")),
    "LU.change": (("mer", "more"), ("mindre", "less")),
    "HME.governance_change": (("tydligare", "clearer"), ("otydligare", "less clear")),
    "BE.own_change": (("mer", "more"), ("mindre", "less")),
    "BE.seen_change": (("mer", "more"), ("mindre", "less")),
    "HME.leadership_change": (("bättre", "better"), ("sämre", "worse")),
}
"""The words for a rise and for a fall in what a change is claimed of."""
