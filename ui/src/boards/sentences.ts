// What an answer's numbers are, as sentences.
import type { Labels } from '@/answer/answer'
import { facts, type Fact } from '@/answer/labels'
import { humanised, share } from '@/answer/numbers'
import type { Texts } from '@/texts'
import type { Formats } from '@/texts/format'

const MOST_STRETCHES = 6

/** Give all there is to say of an answer's numbers. */
export function sentencesOf(
  texts: Texts['answers'],
  formats: Formats,
  labels: Labels,
  unfiltered: readonly string[],
): string[] {
  const left = unfiltered.length === 0 ? [] : [texts.unfiltered(formats.list(unfiltered.map(humanised)))]
  return [...facts(labels).map((fact) => sentenceOf(texts, formats, fact)), ...left]
}

/** Give a fact as a sentence. */
export function sentenceOf(texts: Texts['answers'], formats: Formats, fact: Fact): string {
  switch (fact.code) {
    case 'MISSING': {
      const listed = fact.stretches
        .slice(0, MOST_STRETCHES)
        .map(({ from, to }) => texts.fromTo(formats.shortDate(from), formats.shortDate(to)))
      const more = fact.stretches.length - listed.length
      return texts.missingFact(
        fact.days,
        more > 0 ? `${listed.join(', ')} ${texts.andMore(more)}` : formats.list(listed),
      )
    }
    case 'ESTIMATE':
      return fact.error === null
        ? texts.estimateFree
        : texts.estimate(humanised(fact.metric), share(fact.error, formats.locale))
    case 'NOTE':
      return texts.notes[fact.note] ?? fact.note
    default:
      return texts.facts[fact.code]
  }
}
