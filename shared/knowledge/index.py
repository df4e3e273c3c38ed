"""Which passages of a desk's knowledge answer a question: words weighed by rarity, typos forgiven."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from shared.knowledge.read import Passage
from shared.knowledge.vocabulary import SAME, SILENT
from shared.knowledge.words import key, skeleton, words

Phrases = dict[str, list[tuple[tuple[str, ...], str]]]

_SATURATION, _LENGTH = 1.2, 0.75  # the usual k1 and b of BM25
_ASPECT = 0.4  # "price" says what is asked, not about what: a wrong subject must not pass on it
_ALIKE = ((7, 80), (5, 84))  # letters of a word, and how alike (0..100) a typo of it must be
_SOUNDS = 3  # consonants that make a word told by ear certain enough
_HALF = 3  # letters a half of a compound has at least
_SILENT = frozenset(key(word) for word in SILENT.split())


class KnowledgeIndex:
    """The passages of one desk's version, in memory; searching 2,000 of them takes a few milliseconds.

    `synonyms` are the desk's own: a word or phrase and others that mean the same.
    """

    def __init__(
        self, passages: Sequence[Passage] = (), synonyms: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        aspects = _phrases([[meaning, *same.split(",")] for meaning, same in SAME.items()])
        own = _phrases([[word, *others] for word, others in (synonyms or {}).items()], kind="~")
        self._passages = tuple(passages)
        self._phrases = {first: own.get(first, []) + aspects.get(first, []) for first in {*own, *aspects}}
        self._postings: dict[str, dict[int, float]] = defaultdict(dict)
        counts = [Counter(self._indexed(passage.text)) for passage in self._passages]
        average = sum(count.total() for count in counts) / max(len(counts), 1) or 1.0
        for number, count in enumerate(counts):
            room = _SATURATION * (1 - _LENGTH + _LENGTH * count.total() / average)
            for term, times in count.items():
                self._postings[term][number] = 0.85 + 0.15 * times / (times + room)
        self._vocabulary = [term for term in self._postings if term[0] not in "=~" and len(term) > 3]
        self._sounding: dict[str, list[str]] = defaultdict(list)
        for word in self._vocabulary:
            if len(heard := skeleton(word)) >= _SOUNDS:
                self._sounding[heard].append(word)

    def __len__(self) -> int:
        return len(self._passages)

    def search(self, query: str, top: int = 4) -> list[Passage]:
        """The best passages first, each with a score of 0..1: how much of the question it covers.

        Below 0.2 the knowledge says nothing on the matter; 1 means every word that matters is there.
        """
        terms = dict.fromkeys(self._asked(query))
        scores: dict[int, float] = defaultdict(float)
        whole = 0.0
        for term in terms:
            matches = self._matches(term)
            weight = self._weight(term, len(matches))
            whole += weight
            for number, quality in matches.items():
                scores[number] += weight * quality
        best = sorted(scores, key=lambda number: (-scores[number], number))[:top]
        return [replace(self._passages[number], score=round(scores[number] / whole, 3)) for number in best]

    def _indexed(self, text: str) -> list[str]:
        """A passage's terms: its words, and the meanings of its words and phrases beside them."""
        found = words(text)
        return [word for word in found if word not in _SILENT] + [
            meaning for _, meaning in _meanings(found, self._phrases) if meaning
        ]

    def _asked(self, query: str) -> list[str]:
        """A question's terms: meanings in place of the words that say them, and no silent words."""
        terms: list[str] = []
        for run, meaning in _meanings(words(query), self._phrases):
            if meaning:
                terms.append(meaning)
            elif run[0] not in _SILENT:
                terms.append(run[0])
        return self._rejoined(terms)

    def _rejoined(self, terms: list[str]) -> list[str]:
        """The terms with `hair cut` as one where the knowledge writes haircut, and the other way round."""
        joined: list[str] = []
        for term in terms:
            if joined and joined[-1] + term in self._postings:
                joined.append(joined.pop() + term)
            elif term not in self._postings and (halves := self._halves(term)):
                joined += halves
            else:
                joined.append(term)
        return joined

    def _halves(self, term: str) -> tuple[str, str] | None:
        """The two words of the knowledge a term is made of: gall bladder, SOC 2."""
        for left, right in ((term[:at], term[at:]) for at in range(2, len(term))):
            divides = min(len(left), len(right)) >= _HALF or left[-1].isdigit() != right[0].isdigit()
            if divides and left in self._postings and right in self._postings:
                return left, right
        return None

    def _matches(self, term: str) -> Mapping[int, float]:
        """Passages that hold the term, or the words nearest to a misspelt one, with their quality 0..1."""
        if term in self._postings or term[0] in "=~":
            return self._postings.get(term, {})
        near: dict[int, float] = {}
        for word, alike in self._nearest(term):
            for number, quality in self._postings[word].items():
                near[number] = max(near.get(number, 0.0), quality * (alike / 100) ** 2)
        return near

    def _nearest(self, term: str) -> list[tuple[str, float]]:
        """Words spelt almost alike, else words that sound alike, each with its likeness 0..100."""
        least = next((alike for letters, alike in _ALIKE if len(term) >= letters), None)
        if least is None:
            return []
        spelt = process.extract(term, self._vocabulary, scorer=fuzz.ratio, score_cutoff=least, limit=3)
        heard = () if spelt else self._sounding.get(skeleton(term), ())
        return [(word, alike) for word, alike, _ in spelt] + [(word, float(least)) for word in heard]

    def _weight(self, term: str, holders: int) -> float:
        """A rare term weighs more; one the knowledge never heard of weighs most."""
        rarity = math.log(1 + (len(self._passages) - holders + 0.5) / (holders + 0.5))
        return rarity * (_ASPECT if term[0] == "=" else 1.0)


def _phrases(groups: Iterable[Sequence[str]], kind: str = "=") -> Phrases:
    """Phrases by their first word, longest first, each with the term of what it means."""
    phrases: Phrases = defaultdict(list)
    for group in groups:
        for phrase in group:
            if run := tuple(words(phrase)):
                phrases[run[0]].append((run, kind + "".join(words(group[0]))))
    for runs in phrases.values():
        runs.sort(key=lambda item: -len(item[0]))
    return phrases


def _meanings(found: list[str], phrases: Phrases) -> list[tuple[tuple[str, ...], str | None]]:
    """The words in order, cut into runs: a known phrase with its meaning, any other word alone."""
    runs: list[tuple[tuple[str, ...], str | None]] = []
    at = 0
    while at < len(found):
        run, meaning = next(
            (
                (run, meaning)
                for run, meaning in phrases.get(found[at], ())
                if tuple(found[at : at + len(run)]) == run
            ),
            ((found[at],), None),
        )
        runs.append((run, meaning))
        at += len(run)
    return runs
