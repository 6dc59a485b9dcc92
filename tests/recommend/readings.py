"""What each sentence of a result says about the person, and which answers make it true.

Read off the words of the sentence and of the questions, in both languages, by somebody who did not write the sentences.
Nothing here is copied from ``shown_when`` or ``true_when``, and nothing here uses the conditions of the application: an
answer is a set of option ids, and a reading is plain Python on such sets.

A row is about one text. Its ``reading`` holds for everybody of whom all that the text says is true, and to whom it
makes sense: a text about pills is read by people who said that they take pills. ``says`` quotes the words that say
something about the person. ``general`` quotes the sentences that state something about the world, not about the
person. Every other sentence must begin with "If" or ask for something (``ASKS``), or be a question. A row without
``says`` is about a text that states nothing about the person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class Answers(dict[str, frozenset[str]]):
    """Chosen options by question; none at all where a question has no answer."""

    def __getattr__(self, question: str) -> frozenset[str]:
        return self.get(question, frozenset())


NOBODY = "nobody new: they read it already, or another part of the condition keeps it from them"
"""Why a condition that one more option meets is no wider: nobody among all that were tried is shown the text."""

STRONGER = "a text that fits better takes its place; read by them, this one would be true, too"

Reading = Callable[[Answers], object]
"""Whether all that is said is true of somebody with these answers."""


@dataclass(frozen=True)
class Row:
    """How one text is read.

    Attributes:
        reading: see the module.
        says: the words about the person, by language.
        general: the sentences about the world, by language, quoted in part.
        form: lines for the person to fill in, on paper; they speak as the person.
        survives: why it is still true of somebody who is shown it because of one more option: the reason by
            "question:option", with "|" for "or" and "*" for any other option.
    """

    reading: Reading
    says: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    general: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form: bool = False
    survives: Mapping[str, str] = field(default_factory=dict)


ASKS = {
    "en": (
        " answer ask bring call do don’t fill get give go have keep leave let look pick plan please put say see show"
        " start stay take talk tell use "
    ),
    "es": (
        " aléjese busque cuente cuéntele cuénteles cuéntelo cuénteselo cuénteselos deje diga dígale dígales dé empiece"
        " guarde guárdelo haga hable hágalo hágase lleve llame llénelo muéstrelo no pida ponga pregunte responda salga"
        " siga tenga use vaya vuelva "
    ),
}
"""Words with which a sentence asks for something: it states nothing, but for what it takes for granted."""

IF = {"en": ("if", "even if"), "es": ("si", "aunque")}
"""Words with which a sentence says what holds only if something else does."""


# ---------------------------------------------------------------- what somebody said, in plain words


def anybody(a: Answers) -> object:
    return True


def may_hurt_someone(a: Answers) -> object:
    """An urge to badly hurt somebody else, held back or not, or about to."""
    return a.harm_others & {"urges", "may_act"} or "about_to_others" in a.emergency


def no_danger_to_others(a: Answers) -> object:
    """Advice that sends somebody to the person, or the person to somebody, can only be for these."""
    return not may_hurt_someone(a)


def dark(a: Answers) -> object:
    """Said something about wanting to die: a wish, being a burden, thoughts, a way, an attempt at any time."""
    return (
        "yes" in a.wish_dead | a.burden | a.suicidal_week | a.suicidal_now | a.past_attempt
        or a.suicide_plan & {"how", "intent", "plan"}
        or "about_to" in a.emergency
    )


def dark_or_hurting(a: Answers) -> object:
    """The same, or hurting themselves, now or often; or would not say how close it is."""
    return (
        dark(a)
        or a.self_injury & {"often", "medical"}
        or "hurt" in a.emergency
        or "skip" in a.suicidal_now | a.suicide_plan
    )


def close_to_suicide(a: Answers) -> object:
    """In danger now: about to, thinking of it now, meant it, planned it, or tried in the last 3 months."""
    return (
        "about_to" in a.emergency
        or "yes" in a.suicidal_now
        or a.suicide_plan & {"intent", "plan"}
        or a.last_attempt & {"past_week", "past_3_months"}
    )


def mind_changed(a: Answers) -> object:
    """Voices or beliefs that are new, worse, in charge or dangerous; or high days without a brake."""
    return a.losing_touch & {"new", "command"} or "strong" in a.racing


def mind_changed_at_all(a: Answers) -> object:
    return a.losing_touch & {"brief", "new", "command"} or a.racing & {"some", "strong"}


def gave_birth(a: Answers) -> object:
    return "baby" in a.also


def pregnant(a: Answers) -> object:
    return "pregnant" in a.also


def around_a_birth(a: Answers) -> object:
    return a.also & {"pregnant", "baby"}


def eating_problem(a: Answers) -> object:
    return a.also & {"eating", "eating_body"}


def has_a_pill_from_a_doctor(a: Answers) -> object:
    return "sedatives" in a.also or "prescribed" in a.withdrawal


NOT_WITHOUT = {"craving", "prescribed", "never_without", "sick", "shakes", "opioid_storm", "seizure"}
"""What somebody says happens "when you go without it" who has not been without it for a week."""


def drinks_or_uses(a: Answers) -> object:
    """Said that there is something to stop, or something just stopped: not somebody without it for a week or more."""
    if "over" in a.withdrawal:
        return False
    return (
        a.substance_use & {"concern", "problems", "daily", "high", "mixed"}
        or a.also & {"sedatives", "stopped", "opioids"}
        or a.withdrawal & NOT_WITHOUT
    )


def drinks_or_takes_sedatives(a: Answers) -> object:
    """Said so of alcohol, or of sleeping or anxiety pills, and not that it is something else."""
    if a.withdrawal & {"over", "sick", "opioid_storm"}:
        return False
    return (
        a.substance_use & {"high", "mixed"}
        or a.also & {"sedatives", "stopped"}
        or a.withdrawal & {"never_without", "shakes", "seizure"}
    )


def trouble_with_use(a: Answers) -> object:
    """Said more than that there is a little use: a problem, street drugs, an overdose, or the body needs it."""
    return (
        a.substance_use & {"problems", "daily", "high", "mixed"}
        or a.also & {"opioids", "overdose"}
        or a.withdrawal & {"never_without", "sick", "shakes", "opioid_storm", "seizure"}
    )


def in_the_us(a: Answers) -> object:
    return "us" in a.place


def in_a_day_program(a: Answers) -> object:
    return "php_now" in a.recent_treatment


def in_an_iop(a: Answers) -> object:
    return "iop_now" in a.recent_treatment


OPEN = {"skip", "unsure"}

NOT_ABOUT_CARE = {"who", "place", "free_times", "work_around", "insurance", "share", "age"}
"""Questions whose answers say nothing about how somebody is."""


def half_is_open(a: Answers) -> object:
    """At least as many questions about how they are were left open as most people would call "about half"."""
    asked = [options for question, options in a.items() if question not in NOT_ABOUT_CARE]
    return 5 * sum(bool(options & OPEN) for options in asked) >= 2 * len(asked)


FINE = {
    "emergency": {"none"},
    "wish_dead": {"no"},
    "burden": {"no"},
    "suicidal_week": {"no"},
    "past_attempt": {"no"},
    "self_injury": {"none"},
    "harm_others": {"none"},
    "losing_touch": {"none"},
    "racing": {"none"},
    "nervous": {"never", "some_days"},
    "worry": {"never", "some_days"},
    "low_interest": {"never", "some_days"},
    "low_mood": {"never", "some_days"},
    "other_symptoms": {"none"},
    "trend": {"same_or_better", "worse"},
    "functioning": {"not_hard"},
    "self_care": {"usual"},
    "also": {"none", "pregnant", "baby"},
    "substance_use": {"no_problem"},
    "physical_health": {"none"},
    "people": {"several"},
    "home": {"stable"},
    "recent_treatment": {"none"},
    "crises": {"none"},
}
"""Answers that name nothing for which anybody would see a clinician."""


def nothing_wrong(a: Answers) -> object:
    return all(a.get(question) and a[question] <= fine for question, fine in FINE.items())


DANGER = {
    "emergency": {"hurt", "bad_withdrawal", "body", "about_to", "about_to_others", "drunk_high"},
    "wish_dead": {"yes", "skip"},
    "burden": {"yes", "skip"},
    "suicidal_week": {"yes", "skip"},
    "past_attempt": {"skip"},
    "last_attempt": {"past_year", "past_3_months", "past_week", "unsure"},
    "suicidal_now": {"yes", "skip"},
    "suicide_plan": {"how", "intent", "plan", "skip"},
    "self_injury": {"few", "often", "medical", "skip"},
    "harm_others": {"urges", "may_act", "skip"},
    "losing_touch": {"new", "command", "skip"},
    "racing": {"strong", "skip"},
    "other_symptoms": {"extreme"},
    "self_care": {"skipping", "stopped", "unsure"},
    "also": {"stopped", "opioids", "overdose", "eating_body", "skip"},
    "eating_often": {"daily", "unsure"},
    "substance_use": {"daily", "high", "mixed", "skip"},
    "withdrawal": {"never_without", "sick", "shakes", "opioid_storm", "seizure", "unsure"},
    "home": {"unsafe", "no_home", "skip"},
    "recent_treatment": {"left_hospital"},
}
"""Answers after which nobody may say that no danger was named: danger was, or could be behind the open answer."""


def no_danger_named(a: Answers) -> object:
    return not any(a.get(question, frozenset()) & options for question, options in DANGER.items())


# ---------------------------------------------------------------- safety texts

TEXTS = {
    "violence-now": Row(
        lambda a: "may_act" in a.harm_others or "about_to_others" in a.emergency,
        says={
            "en": ("the person you may hurt", "“I am afraid I may hurt someone"),
            "es": ("la persona a la que podría hacerle daño", "“Tengo miedo de hacerle daño a alguien"),
        },
    ),
    "violence-children": Row(
        may_hurt_someone,
        general={"en": ("That is a good and strong thing to do",), "es": ("Hacer eso es bueno",)},
    ),
    "alone-violence": Row(
        may_hurt_someone,
        says={
            "en": ("the person you may hurt",),
            "es": ("la persona a la que podría hacerle daño",),
        },
        survives={
            "emergency:about_to": NOBODY,
            "crisis:*": "what it says of them, danger to others, is asked for beside the other danger",
            "emergency:*": "what it says of them, danger to others, is asked for beside the other danger",
        },
    ),
    "withdrawal-911": Row(
        lambda a: "bad_withdrawal" in a.emergency,
        says={
            "en": ("can kill you after you stop or cut down", "what you stopped or cut down"),
            "es": ("Cuando alguien deja de tomar algo o toma menos", "qué dejó o redujo"),
        },
    ),
    "panic": Row(
        lambda a: "body" in a.emergency,
        general={"en": ("Even if this may be panic",), "es": ("Aunque pueda ser pánico",)},
    ),
    "poison": Row(lambda a: "hurt" in a.emergency),
    "hurt-on-purpose": Row(
        lambda a: "hurt" in a.emergency,
        general={
            "en": ("They can help with that", "You can also call"),
            "es": ("También le pueden ayudar", "Además, puede llamar"),
        },
    ),
    "suicide-now": Row(close_to_suicide),
    "mind-now": Row(
        mind_changed,
        says={
            "en": ("This needs care now",),
            "es": ("Esto necesita atención ahora",),
        },
        general={"es": ("Por favor, manden a alguien",)},
    ),
    "birth": Row(
        lambda a: gave_birth(a) and mind_changed(a),
        says={
            "en": ("After a birth, this is an emergency",),
            "es": ("Después de un parto, esto es una emergencia",),
        },
    ),
    "alone": Row(
        lambda a: no_danger_to_others(a) and (dark_or_hurting(a) or mind_changed(a)),
        general={
            "en": ("Or go where people are", "You can show them this page"),
            "es": ("O vaya adonde haya gente", "Puede mostrarles esta página"),
        },
    ),
    "say-it": Row(
        lambda a: close_to_suicide(a) and no_danger_to_others(a),
        says={
            "en": ("“I need help to stay safe from suicide", "Please stay with me"),
            "es": ("“Necesito ayuda para no suicidarme", "Por favor, quédese conmigo"),
        },
        survives={"crisis:violence": NOBODY},
    ),
    "children": Row(no_danger_to_others),
    "means-gun-others": Row(
        lambda a: "reach" in a.guns and may_hurt_someone(a),
        says={"en": ("the gun",), "es": ("el arma",)},
        general={
            "en": (
                "Guns.",
                "A hard hour passes",
                "A shot cannot be taken back",
                "It does not have to be forever",
            ),
            "es": ("Armas de fuego.", "Las horas difíciles pasan", "Un disparo no se puede deshacer"),
        },
    ),
    "withdrawal-er": Row(
        lambda a: "seizure" in a.withdrawal,
        says={
            "en": ("Going without has been dangerous for you before",),
            "es": ("Dejar de tomar ya le puso antes en peligro",),
        },
        survives={"crisis:any": NOBODY},
    ),
    "withdrawal-headline": Row(
        drinks_or_uses,
        says={
            "en": (
                "Do not stop alcohol, pills or drugs without a doctor’s help",
                "If you have stopped already",
            ),
            "es": (
                "No deje el alcohol, las pastillas ni las drogas sin la ayuda de un médico",
                "Si ya los dejó",
            ),
        },
        general={"en": ("After the check",), "es": ("Después de la revisión",)},
        survives={"crisis:any": NOBODY, "withdrawal:seizure": STRONGER},
    ),
    "self-care-now": Row(
        lambda a: "stopped" in a.self_care,
        general={"en": ("Going without food or water",), "es": ("Pasar días sin comer",)},
    ),
    "same-day": Row(anybody, general={"en": ("Today: go",), "es": ("Hoy: vaya",)}),
    "eating-now": Row(
        lambda a: "eating_body" in a.also,
        says={
            "en": ("These body signs can be a danger to your life with an eating problem",),
            "es": ("Con un problema de alimentación, estas señales del cuerpo",),
        },
    ),
    "older": Row(
        lambda a: "65_plus" in a.age and mind_changed(a),
        says={"en": ("At 65 or older, changes like these",), "es": ("A los 65 años o más",)},
        general={"en": ("Bring a list",)},
        survives={
            "crisis:*": "it adds the crisis page of another danger; what it says is asked for beside it"
        },
    ),
    "same-day-company": Row(no_danger_to_others),
    "sober": Row(
        lambda a: "drunk_high" in a.emergency,
        says={
            "en": ("when you are sober", "If you took pills or drugs as well"),
            "es": ("cuando se le pase el efecto", "Si también tomó pastillas o drogas"),
        },
    ),
    "sober-company": Row(lambda a: "drunk_high" in a.emergency and no_danger_to_others(a)),
    "same-day-suicide": Row(
        dark,
        says={"en": ("how dark things have been",), "es": ("lo mal que ha estado",)},
        survives={"crisis:suicide": STRONGER},
    ),
    "same-day-mind": Row(mind_changed_at_all, general={"en": ("Tell them about any change",)}),
    "same-day-body": Row(
        mind_changed,
        says={"en": ("changes like these",), "es": ("Estos cambios",)},
        survives={
            "also:*": NOBODY,
            "age:65_plus": STRONGER,
            "losing_touch:*": STRONGER,
            "racing:strong": STRONGER,
            "crisis:*": "it only adds the crisis page of another danger; the mark is asked for beside it",
        },
    ),
    "eating-tell": Row(
        eating_problem,
        says={"en": ("about the eating",), "es": ("lo que pasa con la comida",)},
        survives={
            "eating_often:*": "only who has an eating problem is asked how often",
            "also:eating_body": STRONGER,
        },
    ),
    "withdrawal-tell": Row(
        drinks_or_uses,
        says={
            "en": ("what you drink, take or use", "Do not stop suddenly on your own"),
            "es": ("qué toma o consume", "No lo deje de golpe"),
        },
        survives={
            "withdrawal:over|nothing": NOBODY,
            "withdrawal:*": "each of these answers says that there is something they take",
            "emergency:bad_withdrawal": STRONGER,
            "crisis:*": NOBODY,
        },
    ),
    "withdrawal-over-tell": Row(
        lambda a: "over" in a.withdrawal,
        says={"en": ("what you took before",), "es": ("qué tomaba antes",)},
        survives={
            "urgent:violence|pregnancy": NOBODY,
            "urgent:*": "that they have been without it for a week is asked for beside the mark",
            "emergency:bad_withdrawal": STRONGER,
        },
    ),
    "opioid-medicine": Row(
        lambda a: a.withdrawal & {"sick", "opioid_storm"},
        general={
            "en": ("They can ease", "They can help keep you alive"),
            "es": ("Pueden aliviar", "Pueden ayudarle a seguir con vida"),
        },
    ),
    "pregnancy-tell": Row(
        lambda a: pregnant(a) and trouble_with_use(a),
        says={
            "en": (
                "that you are or may be pregnant",
                "hurt you and the baby",
            ),
            "es": (
                "hay, o puede haber, un embarazo",
                "hacerles daño a usted y al bebé",
            ),
        },
        general={"en": ("There is good care",), "es": ("Hay buena atención",)},
    ),
    "violence-distance": Row(
        may_hurt_someone,
        says={
            "en": ("anyone you may hurt", "If the urge comes"),
            "es": ("nadie a quien podría hacerle daño", "Si le viene el impulso"),
        },
        general={"en": ("Pick up nothing",), "es": ("No agarre nada",)},
    ),
    "means-gun": Row(
        lambda a: "reach" in a.guns and dark_or_hurting(a) and no_danger_to_others(a),
        says={"en": ("the gun",), "es": ("el arma",)},
        general={
            "en": (
                "Guns.",
                "A hard hour passes",
                "A shot cannot be taken back",
                "It does not have to be forever",
            ),
            "es": (
                "Armas de fuego.",
                "Las horas difíciles pasan",
                "Un disparo no se puede deshacer",
                "Por favor, pida",
            ),
        },
        survives={
            "wish_dead|burden|suicidal_week|last_attempt|suicidal_now|suicide_plan|self_injury|urgent|crisis:*": (
                "a gun in reach is asked for beside it, and only who said something dark or may hurt others is asked"
            ),
        },
    ),
    "means": Row(dark_or_hurting),
    "means-pills": Row(
        dark_or_hurting,
        says={
            "en": ("anything you could use to hurt yourself",),
            "es": ("todo lo que podría usar para hacerse daño",),
        },
        survives={
            "urgent|crisis|guns:*": "a mark for suicide, or another danger, is asked for, and the words fit both",
            "wish_dead|burden|suicidal_week|past_attempt|last_attempt|suicidal_now|suicide_plan|self_injury:*": NOBODY,
        },
    ),
    "opioids": Row(
        lambda a: a.also & {"opioids", "overdose"} or a.withdrawal & {"sick", "opioid_storm"},
        general={
            "en": ("Any street pill or powder", "After a break"),
            "es": ("Cualquier pastilla o polvo", "Después de una pausa"),
        },
    ),
    "no-home": Row(
        lambda a: "no_home" in a.home,
        says={"en": ("a place to sleep",), "es": ("un lugar donde dormir",)},
        general={"en": ("Call your city or a shelter",)},
    ),
    "no-home-us": Row(
        lambda a: "no_home" in a.home and in_the_us(a),
        says={"en": ("a place for tonight",), "es": ("un lugar para esta noche",)},
    ),
    "plan": Row(
        dark_or_hurting,
        general={
            "en": ("helps when things get bad", "Fill it in now"),
            "es": ("ayuda cuando las cosas se ponen mal", "Llénelo ahora"),
        },
    ),
    "plan-start": Row(anybody, general={"en": ("When it gets bad",), "es": ("Cuando se ponga mal",)}),
    **{
        id: Row(anybody, form=True)
        for id in ("plan-1", "plan-2", "plan-3-call", "plan-4-call", "plan-5", "plan-6", "plan-7")
    },
    **{id: Row(no_danger_to_others, form=True) for id in ("plan-3", "plan-4")},
    "today-or-tomorrow-violence": Row(
        may_hurt_someone,
        says={
            "en": ("keeping you and others safe",),
            "es": ("cómo proteger a los demás",),
        },
        survives={"crisis:any": NOBODY},
    ),
    "today-or-tomorrow": Row(dark, general={"en": ("your doctor or therapist",)}),
    "company": Row(lambda a: dark(a) and no_danger_to_others(a)),
    "today-or-tomorrow-mind": Row(mind_changed_at_all),
    "mind-company": Row(
        lambda a: mind_changed_at_all(a) and no_danger_to_others(a),
        general={"en": ("They may see changes",), "es": ("Esa persona puede ver cambios",)},
    ),
    "doctor-first": Row(
        eating_problem,
        says={"en": ("about the eating",), "es": ("lo que pasa con la comida",)},
        survives={"crisis:any": NOBODY},
    ),
    "withdrawal-alcohol": Row(
        drinks_or_takes_sedatives,
        says={"en": ("Do not stop suddenly",), "es": ("No los deje de golpe",)},
        general={"en": ("Alcohol or sedatives",), "es": ("Alcohol o sedantes",)},
        survives={
            "crisis:any": NOBODY,
            "also:stopped": STRONGER,
            "withdrawal:prescribed": STRONGER,
        },
    ),
    "withdrawal-over": Row(
        lambda a: "over" in a.withdrawal,
        says={"en": ("what you took before",), "es": ("qué tomaba antes",)},
        general={"en": ("even if you feel well",)},
        survives={
            "urgent:pregnancy": NOBODY,
            "urgent:*": "that they have been without it for a week is asked for beside the mark",
            "withdrawal:*": NOBODY,
        },
    ),
    "withdrawal-opioids": Row(
        lambda a: "sick" in a.withdrawal,
        general={
            "en": ("Buprenorphine or methadone can ease", "Some clinics"),
            "es": ("La buprenorfina o la metadona pueden aliviar", "Algunas clínicas"),
        },
    ),
    "prescribed-today": Row(
        lambda a: "prescribed" in a.withdrawal and "stopped" in a.also,
        says={
            "en": (
                "the doctor who prescribes your pills",
                "what you stopped, cut down or ran out of",
                "go on without it",
            ),
            "es": (
                "al médico que le receta las pastillas",
                "qué dejó, qué redujo o qué se le acabó",
                "sin tomarlo",
            ),
        },
        survives={"also:eating_body": NOBODY, "withdrawal:*": NOBODY},
    ),
    "pregnancy-use": Row(
        lambda a: pregnant(a) and trouble_with_use(a),
        says={
            "en": (
                "Pregnancy and alcohol, drugs or pills",
                "your maternity unit",
                "hurt you and the baby",
                "for telling us",
            ),
            "es": (
                "El embarazo y el alcohol",
                "servicio de maternidad",
                "hacerles daño a usted y al bebé",
                "Contarlo",
            ),
        },
        general={"en": ("There is good care",), "es": ("Hay buena atención",)},
    ),
    "unsafe-home": Row(
        lambda a: "unsafe" in a.home,
        says={
            "en": ("It is not your fault", "You can talk to someone about being safe at home"),
            "es": ("No es culpa suya", "Puede hablar con alguien sobre cómo estar a salvo"),
        },
    ),
    "within-7-days": Row(
        dark,
        says={
            "en": ("because things have felt very dark",),
            "es": ("porque se ha sentido muy mal",),
        },
        general={
            "en": ("Until then, make a safety plan", "For a bad evening"),
            "es": ("Hasta entonces, haga un plan",),
        },
        survives={"urgent:any": NOBODY, "crisis:any": NOBODY},
    ),
    "withdrawal-slow": Row(
        lambda a: "never_without" in a.withdrawal,
        says={
            "en": ("Before you cut down", "after daily drinking or daily pills"),
            "es": ("Antes de tomar menos", "después de tomar alcohol o pastillas todos los días"),
        },
        survives={
            "withdrawal:*": NOBODY,
            "urgent:withdrawal": STRONGER,
        },
    ),
    "prescribed": Row(
        has_a_pill_from_a_doctor,
        says={
            "en": ("Pills from a doctor", "Do not stop them", "the doctor who prescribes them"),
            "es": ("Pastillas recetadas", "No las deje", "al médico que se las receta"),
        },
        survives={
            "also:stopped": STRONGER,
            "withdrawal:prescribed": STRONGER,
        },
    ),
    "pregnancy-if": Row(
        pregnant,
        says={"en": ("your maternity unit or doctor",), "es": ("con el servicio de maternidad",)},
        survives={
            "urgent:pregnancy": STRONGER,
            "substance_use:no_problem": "what it says of alcohol and drugs begins with if; pregnancy is asked for",
            "substance_use:*": NOBODY,
            "also:none|opioids|overdose|skip": NOBODY,
            "also:*": "what it says of alcohol and drugs begins with if; pregnancy is asked for beside it",
        },
    ),
    "eating-check": Row(
        lambda a: "eating" in a.also,
        general={
            "en": ("Going without food, throwing up or taking laxatives can",),
            "es": ("Dejar de comer, vomitar o tomar laxantes puede",),
        },
    ),
    "own-doctor": Row(
        lambda a: "unstable" in a.physical_health,
        says={
            "en": ("the health problem that is not under control",),
            "es": ("el problema de salud que no está bajo control",),
        },
    ),
    "no-insurance": Row(
        lambda a: "none" in a.insurance and in_the_us(a),
        says={
            "en": (
                "Without insurance you can still get care",
                "you pay by what you earn",
                "what you would pay",
            ),
            "es": ("Sin seguro médico también puede recibir atención", "usted paga según lo que gana"),
        },
    ),
    "unread": Row(
        anybody,
        general={
            "en": ("No one is reading this right now", "The team reads what people send"),
            "es": ("Nadie está leyendo esto", "El equipo lee lo que se le envía"),
        },
    ),
    "birth-if": Row(
        gave_birth,
        says={"en": ("the baby",), "es": ("al bebé",)},
        survives={
            "losing_touch:new|command": NOBODY,
            "racing:strong": NOBODY,
            "crisis:psychosis": NOBODY,
            "losing_touch:*": "what it says of strange things begins with if; the birth is asked for beside it",
            "racing:*": "what it says of strange things begins with if; the birth is asked for beside it",
        },
    ),
    "sober-since": Row(
        lambda a: "over" in a.withdrawal,
        says={
            "en": (
                "You have been without it for a week or more",
                "That is a big step",
            ),
            "es": ("Lleva una semana o más sin tomarlo", "Es un gran paso"),
        },
    ),
    "stopped-if": Row(lambda a: "stopped" in a.also),
    "older-if": Row(
        lambda a: "65_plus" in a.age and "brief" in a.losing_touch,
        says={"en": ("At 65 or older",), "es": ("A los 65 años o más",)},
        general={"en": ("Bring a list",)},
    ),
    "wounds": Row(lambda a: a.self_injury & {"often", "medical"}),
    "poison-us": Row(lambda a: "hurt" in a.emergency and in_the_us(a)),
    "fear": Row(
        in_the_us,
        general={
            "en": (
                "An emergency room must see you",
                "988 helps most people",
                "Fewer than 2 in 100",
                "Many Veterans",
            ),
            "es": ("Una sala de emergencias tiene que", "El 988 ayuda", "Muchos veteranos"),
        },
    ),
    "gun-storage": Row(
        lambda a: in_the_us(a) and "no" not in a.guns,
        general={"en": ("Some gun shops", "Call first"), "es": ("Algunas armerías",)},
    ),
    "unwanted-thoughts": Row(
        lambda a: "passing" in a.harm_others and no_danger_to_others(a),
        general={
            "en": ("Many people have angry thoughts", "Having a thought is not"),
            "es": ("Muchas personas tienen", "Tener un pensamiento no es"),
        },
    ),
    "birth-thoughts": Row(
        around_a_birth,
        general={
            "en": ("Scary thoughts that you do not want are common", "Asking for help does not"),
            "es": ("Los pensamientos que dan miedo", "Pedir ayuda no significa"),
        },
    ),
    "birth-line": Row(
        lambda a: around_a_birth(a) and in_the_us(a),
        general={
            "en": ("Maternal Mental Health Hotline", "It is not a crisis line"),
            "es": ("Línea Nacional de Salud Mental Materna", "No es una línea de crisis"),
        },
    ),
    "overdose-free": Row(
        lambda a: (
            in_the_us(a) and (a.also & {"opioids", "overdose"} or a.withdrawal & {"sick", "opioid_storm"})
        ),
        general={
            "en": ("You can buy naloxone", "You do not need a prescription", "SafeSpot"),
            "es": ("Las farmacias venden naloxona", "SafeSpot"),
        },
    ),
    "pregnancy-share": Row(
        lambda a: in_the_us(a) and pregnant(a),
        general={
            "en": ("In some states", "You can ask the clinic"),
            "es": ("En algunos estados", "Puede preguntar a la clínica"),
        },
    ),
    "duty": Row(
        anybody,
        general={
            "en": ("Staff keep what you send private", "But they may have to act by law when"),
            "es": ("El personal mantiene en privado", "Pero la ley puede obligarlo a actuar cuando"),
        },
    ),
    "helper": Row(
        lambda a: "with_help" in a.who,
        says={
            "en": ("You can answer them by yourself",),
            "es": ("Puede responderlas a solas",),
        },
        general={
            "en": ("The next questions are personal", "Many people do"),
            "es": ("Las preguntas que siguen", "Muchas personas lo hacen"),
        },
    ),
    "unsafe-contact": Row(
        lambda a: "unsafe" in a.home,
        says={
            "en": ("that no one else can open",),
            "es": ("que nadie más pueda abrir",),
        },
        general={
            "en": ("Or choose to call us", "is at the top of every page"),
            "es": ("O elija llamarnos", "está arriba en todas las páginas"),
        },
    ),
    "child": Row(
        lambda a: "under_13" in a.age,
        general={"en": ("You will not get in trouble", "Say where you are")},
    ),
    "other-means": Row(lambda a: "other" in a.who),
    "calling": Row(
        lambda a: "other" in a.who or a.age & {"under_13", "13_17"},
        general={
            "en": (
                "A trained person picks up",
                "They ask what is wrong",
                "You say as much",
                "You do not have to give",
                "Most often the talk",
                "They send help only",
            ),
            "es": (
                "Una persona capacitada contesta",
                "Le pregunta qué pasa",
                "Usted cuenta solo",
                "La mayoría de las veces",
                "Solo envían ayuda",
            ),
        },
    ),
    "young": Row(
        lambda a: "13_17" in a.age,
        general={
            "en": ("You may tell a crisis line", "Before you say more"),
            "es": ("Puede contárselo", "Antes de decir más"),
        },
    ),
    "desk-someone-else": Row(
        may_hurt_someone,
        says={"en": ("Someone else may be in danger",), "es": ("Otra persona puede estar en peligro",)},
    ),
    "desk-first-questions": Row(
        anybody,
        general={"en": ("First questions",), "es": ("Primeras preguntas",)},
    ),
}
"""Every safety text, by id."""

CRISIS_KINDS = {
    "suicide": Row(
        close_to_suicide,
        says={"en": ("It took courage to say that",), "es": ("Hace falta valor para decirlo",)},
        general={"en": ("You don’t have to",)},
    ),
    "violence": Row(
        lambda a: "may_act" in a.harm_others or "about_to_others" in a.emergency,
        says={
            "en": ("It was right to say so", "You can still keep everyone safe"),
            "es": ("Hizo bien en decirlo", "Todavía puede evitar que alguien salga lastimado"),
        },
    ),
    "medical": Row(
        lambda a: a.emergency & {"hurt", "bad_withdrawal", "body"},
        says={
            "en": ("Your body may need help right now",),
            "es": ("Puede que su cuerpo necesite ayuda",),
        },
    ),
    "psychosis": Row(
        mind_changed,
        says={"en": ("This can be frightening",), "es": ("Esto puede dar miedo",)},
        general={"en": ("You don’t have to",)},
    ),
    "self_care": Row(
        lambda a: "stopped" in a.self_care,
        general={"en": ("You don’t have to", "Someone can help you"), "es": ("Alguien puede ayudarle",)},
    ),
}
"""What the crisis page says first to somebody in one kind of danger alone."""

# ---------------------------------------------------------------- headlines and next steps

NO_NEED_SURVIVES = {
    "urgent:any": NOBODY,
    "emergency:*": NOBODY,
    "recent_treatment:*": NOBODY,
    "nervous:daily": NOBODY,
    "worry:daily": NOBODY,
    "low_interest:daily": NOBODY,
    "low_mood:daily": NOBODY,
}

HEADLINES = {
    "crisis": Row(anybody),
    "emergency-room": Row(lambda a: "seizure" in a.withdrawal),
    "medical-check": Row(drinks_or_uses),
    "same-day": Row(anybody),
    "little-known": Row(
        half_is_open,
        general={
            "en": ("The best next step is to talk to someone",),
            "es": ("El mejor paso ahora es hablar",),
        },
    ),
    "in-program": Row(
        lambda a: in_a_day_program(a) or in_an_iop(a),
        says={"en": ("your program",), "es": ("su programa",)},
        survives={
            "recent_treatment:iop_now": "who is in a program at all is told to stay with it",
            "recent_treatment:php_now": NOBODY,
        },
    ),
    "no-need": Row(
        nothing_wrong,
        says={"en": ("You may not need treatment",), "es": ("Puede que ahora no necesite tratamiento",)},
        survives=NO_NEED_SURVIVES,
    ),
}

SENTENCES = {
    "little-known": Row(
        half_is_open,
        says={"en": ("We don’t know enough yet",), "es": ("Todavía no sabemos lo suficiente",)},
        survives={"crisis:any": NOBODY, "urgent:any": NOBODY},
    ),
    "day-program-not-enough": Row(
        lambda a: in_a_day_program(a) and "not_enough" in a.treatment_fit,
        says={
            "en": ("You are in a day program now, and treatment has not been enough so far",),
            "es": ("Usted está ahora en un programa de día, y hasta ahora el tratamiento no ha bastado",),
        },
        survives={"recent_treatment:*": NOBODY},
    ),
    "in-day-program": Row(
        in_a_day_program,
        says={"en": ("You are in a day program now",), "es": ("Usted está ahora en un programa de día",)},
        general={"en": ("We suggest that you stay",), "es": ("Por ahora le sugerimos",)},
    ),
    "in-iop": Row(
        in_an_iop,
        says={
            "en": ("You are in an intensive outpatient program (IOP) now",),
            "es": ("Usted está ahora en un programa ambulatorio intensivo (IOP)",),
        },
        general={"en": ("We suggest that you stay",), "es": ("Por ahora le sugerimos",)},
        survives={"recent_treatment:php_now": NOBODY},
    ),
    "no-need": Row(
        nothing_wrong,
        says={
            "en": ("Nothing in your answers points to a need for treatment",),
            "es": ("Nada en sus respuestas indica que necesite tratamiento",),
        },
        survives=NO_NEED_SURVIVES,
    ),
}
"""The first sentence of some people, by the id of the next step."""

STEPS = {
    "little-known": Row(
        half_is_open,
        general={
            "en": ("You don’t have to answer every question", "your own doctor", "Tell them what you can"),
        },
    ),
    "day-program-not-enough": Row(
        lambda a: in_a_day_program(a) and "not_enough" in a.treatment_fit,
        says={
            "en": ("Tell your program that treatment is not enough", "Stay with the program"),
            "es": ("Dígale a su programa que el tratamiento no basta", "Siga con el programa"),
        },
        survives={"recent_treatment:*": NOBODY},
    ),
    "in-day-program": Row(
        in_a_day_program,
        says={
            "en": ("Keep going to your program", "your team"),
            "es": ("Siga yendo a su programa", "su equipo"),
        },
    ),
    "iop-not-enough": Row(
        in_an_iop,
        says={
            "en": ("Tell your program", "Keep going to your program"),
            "es": ("Dígale a su programa", "Siga yendo a su programa"),
        },
    ),
    "in-iop": Row(
        in_an_iop,
        says={
            "en": ("Keep going to your program", "your team"),
            "es": ("Siga yendo a su programa", "su equipo"),
        },
        survives={"recent_treatment:php_now": NOBODY},
    ),
    "in-outpatient-care": Row(lambda a: "weekly" in a.recent_treatment),
    "no-need": Row(nothing_wrong),
}

LEVELS = {
    "outpatient": Row(
        anybody,
        general={
            "en": ("Visits about once a week look right", "They take about an hour a week"),
            "es": (
                "Citas más o menos una vez por semana parecen",
                "Le ocupan más o menos una hora por semana",
            ),
        },
    ),
    "iop": Row(
        anybody,
        general={
            "en": ("Treatment for about 3 hours a day", "That is more than weekly visits"),
            "es": ("Unas 3 horas de tratamiento", "Es más que citas semanales"),
        },
    ),
    "php": Row(
        anybody,
        general={
            "en": ("Treatment for most of the day", "You don’t stay there at night"),
            "es": ("Un tratamiento durante la mayor parte",),
        },
    ),
    "inpatient": Row(
        anybody,
        general={"en": ("They decide with you",), "es": ("Vea hoy", "Esa persona decide")},
    ),
}
"""The first sentence of a level, and its next step."""

LEVEL_STEPS = {id: Row(anybody) for id in LEVELS}

# ---------------------------------------------------------------- notes

NOTES = {
    "treats-both": Row(
        trouble_with_use,
        general={
            "en": ("One team for both", "Then you tell your story once"),
            "es": ("Cuando un solo equipo", "Así usted cuenta"),
        },
    ),
    "anger-and-feelings": Row(
        lambda a: a.harm_others & {"passing", "urges"} or a.self_injury & {"few", "often", "medical"},
        general={
            "en": ("Some programs teach", "One kind is called DBT", "Others have groups"),
            "es": ("Algunos programas enseñan", "Un método se llama DBT", "Otros tienen grupos"),
        },
    ),
    "family-part": Row(
        lambda a: a.people & {"unreliable", "hardly", "none"} or a.home & {"strain", "unstable"},
        general={"en": ("Some programs meet with families",), "es": ("Algunos programas también se reúnen",)},
    ),
    "early-days": Row(
        lambda a: "too_early" in a.treatment_fit,
        says={
            "en": ("It’s too early to tell how your treatment works",),
            "es": ("Todavía es pronto para saber cómo funciona su tratamiento",),
        },
        general={
            "en": ("Therapy often needs", "A medicine often needs"),
            "es": ("La terapia suele necesitar", "Un medicamento suele necesitar"),
        },
    ),
    "stuck": Row(
        lambda a: a.treatment_fit & {"little", "not_enough"},
        says={"en": ("your treatment plan",), "es": ("su plan de tratamiento",)},
        general={"en": ("You can ask about",), "es": ("Puede preguntar",)},
    ),
    "short-time": Row(
        lambda a: "weeks" in a.how_long,
        says={
            "en": ("It has been this hard for less than a month", "It may ease"),
            "es": ("Lleva menos de un mes siendo así de difícil", "Puede que mejore"),
        },
    ),
    "week-not-known": Row(
        lambda a: "unsure" in a.weekly_hours,
        says={
            "en": ("We don’t know yet how many hours a week you have",),
            "es": ("Todavía no sabemos cuántas horas por semana tiene",),
        },
        general={
            "en": ("An intensive outpatient program takes",),
            "es": ("Un programa ambulatorio intensivo pide",),
        },
    ),
    "other-signs": Row(
        lambda a: a.losing_touch & {"steady", "brief"} or "some" in a.racing,
        general={"en": ("Tell the first clinician you see",)},
    ),
    "after-hospital": Row(
        lambda a: "left_hospital" in a.recent_treatment,
        says={"en": ("when you left",), "es": ("la cita que le dieron al salir",)},
    ),
    "residential": Row(
        lambda a: a.home & {"no_home", "unsafe"},
        general={
            "en": (
                "Every kind of care works better",
                "So ask first",
                "You can have this beside",
                "It doesn’t replace it",
            ),
            "es": ("Toda atención funciona mejor", "Por eso, pregunte", "Puede tener esto junto"),
        },
    ),
    "residential-substance": Row(
        trouble_with_use,
        general={
            "en": ("There you live in a place", "Doing that is much harder"),
            "es": ("Allí se vive en un lugar", "Eso es mucho más difícil"),
        },
    ),
    "eating-care": Row(
        eating_problem,
        general={"en": ("It should have a therapist",), "es": ("Debe tener terapeuta",)},
    ),
    "medical-check": Row(
        lambda a: "65_plus" in a.age,
        says={"en": ("You are 65 or older",), "es": ("Usted tiene 65 años o más",)},
        general={
            "en": ("An illness or a medicine can look like", "all the medicines you take"),
            "es": ("Una enfermedad o un medicamento puede parecer",),
        },
    ),
    "cost": Row(
        lambda a: "cost" in a.work_around,
        general={
            "en": ("Plans often cover", "Weekly visits most often cost less"),
            "es": ("Los planes suelen cubrir", "Las citas semanales por lo general"),
        },
    ),
    "evening-and-work": Row(
        lambda a: a.work_around & {"full_time", "care"},
        general={
            "en": ("Some programs have day groups",),
            "es": ("Algunos programas tienen grupos", "Así se puede seguir"),
        },
    ),
    "online": Row(
        lambda a: a.work_around & {"online", "transport"},
        general={
            "en": ("Each program can tell you", "if your plan covers"),
            "es": ("Cada programa puede decirle",),
        },
    ),
    "one-to-one": Row(
        lambda a: "one_to_one" in a.work_around,
        general={
            "en": ("Outpatient care is mostly one to one", "In an intensive outpatient program, groups"),
            "es": ("El tratamiento ambulatorio es sobre todo", "En un programa ambulatorio intensivo"),
        },
    ),
    "new-psychosis": Row(
        lambda a: "new" in a.losing_touch or "strong" in a.racing,
        general={
            "en": ("Then ask for", "It’s made for"),
            "es": ("Entonces pida", "Está hecho para"),
        },
    ),
}

# ---------------------------------------------------------------- areas, where no answer of the person stands for them


def none_of(**named: set[str]) -> Reading:
    """Whether nobody named any of these: an open answer names nothing."""
    return lambda a: not any(a.get(question, frozenset()) & options for question, options in named.items())


AREAS = {
    ("symptoms", "none"): none_of(
        losing_touch={"managed", "steady", "brief", "new", "command"},
        racing={"managed", "some", "strong"},
        nervous={"daily"},
        worry={"daily"},
        low_interest={"daily"},
        low_mood={"daily"},
        other_symptoms={"mild", "moderate", "severe", "extreme"},
        eating_often={"sometimes", "weekly", "most_days", "daily"},
    ),
    ("risk", "none"): none_of(
        emergency={"hurt", "about_to", "about_to_others"},
        wish_dead={"yes"},
        burden={"yes"},
        suicidal_week={"yes"},
        past_attempt={"yes"},
        suicidal_now={"yes"},
        suicide_plan={"how", "intent", "plan"},
        self_injury={"few", "often", "medical"},
        harm_others={"passing", "urges", "may_act"},
        losing_touch={"command"},
    ),
    ("functioning", "none"): lambda a: a.functioning <= {"not_hard"} and a.self_care <= {"usual"},
    ("cooccurring", "none"): none_of(
        substance_use={"concern", "problems", "daily", "high", "mixed"},
        also={"opioids", "overdose"},
        withdrawal=NOT_WITHOUT,
        physical_health={"managed", "monitoring", "unstable"},
    ),
    ("history", "none"): none_of(
        crises={"one", "several", "many"},
        recent_treatment={"iop_done", "iop_now", "php_done", "php_now", "left_hospital"},
    ),
    ("home", "none"): none_of(home={"strain", "unstable", "no_home", "unsafe"}),
    ("support", "none"): lambda a: "several" in a.people,
}
"""What the words of an area say where no answer raised it: few or no symptoms named, and so on."""
