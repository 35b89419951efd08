import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toldBy } from '@/api/told'
import { exports } from './de/exports'
import { problems as german } from './de/problems'
import { problems as english } from './en/problems'
import { makeFormats } from './format'

// What pages say themselves, when no server answers.
const OURS = ['UNREACHABLE', 'NOT_UNDERSTOOD']
const LANGUAGES = { en: english, de: german } as const
const formats = makeFormats('de')
const codes = readFileSync('../docs/reference/codes.md', 'utf8')

test('every code that has words is one of the server', () => {
  const known = new Set([...codes.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code]) => code))
  const named = [...Object.keys(english), ...Object.keys(german)]
  expect(named.filter((code) => !known.has(code) && !OURS.includes(code))).toEqual([])
})

test('whatever has plain words in English has German ones', () => {
  expect(Object.keys(english).filter((code) => german[code] === undefined)).toEqual([])
})

// How an export may end, beside what any question may be refused for.
const ENDS = [
  'EXPORT_TOO_LONG',
  'SHEET_TOO_LONG',
  'RECORDS_PURGED',
  'EXPORT_DAMAGED',
  'ANSWER_TOO_LONG',
  'NOT_PERMITTED',
  'OUTSIDE_GRANT',
  'UNKNOWN_DATASET',
  'FILES_MOVING',
  'OUT_OF_MEMORY',
  'DISK_FULL',
  'DATABASE_UNREACHABLE',
  'JOB_LOST',
  'ATTEMPTS_EXHAUSTED',
  'UNEXPECTED_ERROR',
]

test.each(ENDS)('an export that ended with %s says so in German', (code) => {
  expect(german[code] ?? exports.errors[code]).toBeDefined()
})

test('words that name what a sentence is about make sense without it, too', () => {
  for (const known of Object.values(LANGUAGES))
    for (const [code, saying] of Object.entries(known)) {
      const said = typeof saying === 'function' ? saying(toldBy('', formats)) : saying
      expect(said, code).toMatch(/^[^a-z].*[.!?]$/su)
      expect(said, code).not.toMatch(/undefined|„“| {2}/)
    }
})

const SENTENCES: [code: string, sentence: string, said: string][] = [
  ['UNKNOWN_METRIC', "There is no metric 'profit'; known: revenue.", 'Die Kennzahl „profit“ gibt es nicht mehr.'],
  [
    'OUTSIDE_GRANT',
    "The question reads stream 'lines' from 2010-12-01 on; your roles show it from 2011-02-16 on: ask from then.",
    'Ihre Rollen zeigen das erst ab dem 16. Februar 2011: Wählen Sie einen späteren Zeitraum.',
  ],
  [
    'RANGE_TOO_LONG',
    'The range has 4,018 days: ask for at most 3,660 at once.',
    'Das sind 4.018 Tage: Fragen Sie nach höchstens 3.660 auf einmal.',
  ],
  [
    'METRIC_IN_USE',
    "The metric 'own_margin' is asked for by Sales, Today: take it off there first.",
    'Diese Kennzahl wird noch gebraucht: Sales, Today.',
  ],
  [
    'BAD_PASSWORD',
    'A password has at least 5 different characters.',
    'Ein Passwort hat mindestens 5 verschiedene Zeichen.',
  ],
  ['NOT_HELD', "Day 2026-01-31 of stream 'orders' is not held.", 'Der 31. Januar 2026 ist nicht mehr angehalten.'],
]

test.each(SENTENCES)('%s says in German what it is about', (code, sentence, said) => {
  const saying = german[code]
  expect(typeof saying === 'function' ? saying(toldBy(sentence, formats)) : saying).toBe(said)
})
