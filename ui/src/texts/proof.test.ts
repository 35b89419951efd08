import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { saidIn } from '@/api/told'
import { days as german } from './de/days'
import { days as english } from './en/days'
import { makeFormats } from './format'

const formats = makeFormats('de')

// The server's own sentences, word for word.
const SENTENCES: [code: string, sentence: string, said: string][] = [
  ['DAMAGED', "segment 'orders/2026-01-31/0-5.parquet' is missing", 'Die Datei „orders/2026-01-31/0-5.parquet“ fehlt.'],
  [
    'DAMAGED',
    "segment 'a.parquet' holds 1200 records instead of 1201",
    'Die Datei „a.parquet“ enthält 1.200 Datensätze statt 1.201.',
  ],
  [
    'DAMAGED',
    "segment 'a.parquet' has other bytes than were written",
    'Die Datei „a.parquet“ hat andere Bytes, als geschrieben wurden.',
  ],
  ['DAMAGED', "segment 'a.parquet' cannot be read", 'Die Datei „a.parquet“ ist nicht lesbar.'],
  ['SHRUNK', 'The day was sealed with 5 records and has 4 now.', 'Versiegelt: 5 Datensätze. Jetzt: 4.'],
  [
    'CONTROL_DIFFERS',
    "Stream 'orders' accepted 1,200 records of this day, but the 1199 that can be read do not add up to the same control.",
    'Angenommen: 1.200 Datensätze. Lesbar: 1.199, und sie ergeben nicht dieselben Kontrollsummen.',
  ],
  [
    'CONTROL_DIFFERS',
    "The 7 records of stream 'orders' written to a new segment of 2026-01-31 do not add up to control; they stay where they were.",
    '7 Datensätze ließen sich nicht unversehrt schreiben und bleiben, wo sie waren.',
  ],
  [
    'ROLLUP_DIFFERS',
    "Rollup 'daily' is not what its records fold to: measure 'amount' on 2026-01-31: 3 rows differ. Nothing of these days was published or may be deleted: roll them up again, and report it if that fails, too.",
    'Die Verdichtung „daily“ ist nicht, was ihre Datensätze ergeben; es weichen ab: „amount“. Von diesem Tag wurde nichts veröffentlicht, und nichts darf gelöscht werden.',
  ],
  [
    'STORED_DIFFERS',
    "The rows of rollup 'daily' that were stored are not the ones that were proven.",
    'Von der Verdichtung „daily“ steht etwas anderes da, als bewiesen wurde.',
  ],
  [
    'KEY_ON_TWO_DAYS',
    "Counted on another day already, such as 2026-01-31: 1 value of 'invoice'.",
    'Schon an einem anderen Tag gezählt, etwa am 31. Januar 2026: 1 Wert von „invoice“.',
  ],
  [
    'KEY_ON_TWO_DAYS',
    '2 rows of 2026-02-01: a day whose purge has begun counts their keys already, such as 2026-01-31. Move them back or take them away, or accept that both days count them.',
    '2 Zeilen mit Schlüsseln, die ein Tag schon zählt, dessen Löschung begonnen hat, etwa am 31. Januar 2026. Legen Sie sie zurück oder entfernen Sie sie, oder nehmen Sie hin, dass beide Tage sie zählen.',
  ],
  [
    'TIME_OUTSIDE_DAY',
    "Outside the day's interval: 3 records of stream 'orders'.",
    'Außerhalb der Zeit des Tages: 3 Datensätze.',
  ],
  [
    'PARTLY_PURGED',
    "1 row of 2,000 stay in the application's database, 1 chunk no longer as sealed, or held by something there. Figures stay as sealed. Put the rows back, or accept.",
    'Noch in der Datenbank der Anwendung: 1 Zeile von 2.000. 1 Abschnitt ist nicht mehr wie versiegelt, oder etwas dort hält die Zeilen fest. Die Zahlen bleiben, wie sie versiegelt sind.',
  ],
  [
    'REAPPEARED',
    'In a purged day, and never proven: 1 file and 0 records. Take them away.',
    'Nie bewiesen liegen in diesem gelöschten Tag: 1 Datei und 0 Datensätze.',
  ],
  [
    'BAD_ROW',
    "Some rows of stream 'orders' in table 'shop.orders' are no records: 'total' is no number in 2 rows. Nothing of the day was sealed.",
    'Zeilen der Tabelle „shop.orders“ sind keine Datensätze; es liegt an „total“. Von diesem Tag wurde nichts versiegelt.',
  ],
  [
    'KEY_NOT_UNIQUE',
    "1 row too many of stream 'orders' in table 'orders' for its keys: choose a key that is unique. A table that is looked up may have several rows for one.",
    '1 Zeile zu viel in der Tabelle „orders“ für ihre Schlüssel: Wählen Sie einen Schlüssel, der eindeutig ist.',
  ],
]

test.each(SENTENCES)('%s: %s', (code, sentence, said) => {
  expect(saidIn(german.heldDetails, code, sentence, formats)).toBe(said)
  expect(saidIn(english.heldDetails, code, sentence, formats)).toBe(sentence)
})

const CHECKED: [code: string, sentence: string, said: string][] = [
  ['ENTRIES_CHAINED', 'Entry 1204.', 'Eintrag 1.204.'],
  ['ENTRIES_CHAINED', '1 entry.', '1 Eintrag.'],
  ['ENTRIES_CHAINED', 'Entry 7 is not what was chained.', 'Eintrag 7 ist nicht, was verkettet wurde.'],
  ['DAY_CUT', 'Europe/London, tzdata 2026.6.', 'Europe/London, tzdata 2026.6.'],
  ['RECORDS_COUNTED', '1,204 records.', '1.204 Datensätze.'],
  ['RECORDS_COUNTED', '2 records, sealed with 3 records.', '2 Datensätze, versiegelt mit 3.'],
  [
    'NUMBERS_SUMMED',
    'total2 1,204.50 EUR, clicks -3. Sealed: total2 7.00 EUR.',
    'total2 1.204,50 EUR, clicks -3. Versiegelt: total2 7,00 EUR.',
  ],
  ['NUMBERS_SUMMED', 'No number adds up to anything but zero.', 'Keine Zahl ergibt etwas anderes als null.'],
  ['FILES_WHOLE', '1 file.', '1 Datei.'],
  ['FILES_WHOLE', "segment 'a.parquet' is missing.", 'Die Datei „a.parquet“ fehlt.'],
  ['ROWS_STORED', 'daily 1,204 rows, by_7_days 1 row.', 'daily 1.204 Zeilen, by_7_days 1 Zeile.'],
  ['ROWS_STORED', '2 rollups.', '2 Verdichtungen.'],
  ['ROLLED_TWICE', "Rollup 'daily' comes to other figures.", 'Die Verdichtung „daily“ ergibt andere Zahlen.'],
]

test.each(CHECKED)('%s: %s', (code, sentence, said) => {
  expect(saidIn(german.checkDetails, code, sentence, formats)).toBe(said)
  expect(saidIn(english.checkDetails, code, sentence, formats)).toBe(sentence)
})

test('why a check was not made is said in German by each code of its own', () => {
  const codes = readFileSync('../docs/reference/codes.md', 'utf8')
  const [, section = ''] = codes.split('## Why a check of a day was not made')
  const known = [...section.replace(/\n## .*/s, '').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)
  expect(known).toEqual(Object.keys(german.checksUndone).sort())
})

test('each reason that has words has its detail in German, which makes sense without what it is about, too', () => {
  expect(Object.keys(german.heldFor).filter((code) => german.heldDetails[code] === undefined)).toEqual([])
  for (const code of Object.keys(german.heldDetails)) {
    const said = saidIn(german.heldDetails, code, '', formats)
    expect(said, code).toMatch(/^[A-ZÄÖÜ].*\.$/su)
    expect(said, code).not.toMatch(/undefined|„“| {2}/)
  }
})
