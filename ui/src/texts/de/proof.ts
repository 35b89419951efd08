// What a day is held for, and what its proof compared, in German: by the code, with what the server's sentence names.
import type { Saying, Told } from '@/api/told'

/** Give how many there are of something. */
function many(count: string | undefined, one: string, several: string): string {
  return count === '1' ? `1 ${one}` : `${count ?? 'Einige'} ${several}`
}

const rows = (count: string | undefined) => many(count, 'Zeile', 'Zeilen')
const records = (count: string | undefined) => many(count, 'Datensatz', 'Datensätze')
const files = (count: string | undefined) => many(count, 'Datei', 'Dateien')
const quoted = (names: readonly string[]) => [...new Set(names)].map((name) => `„${name}“`).join(', ')
const onDay = ({ dates }: Told) => (dates.length === 0 ? '' : `, etwa am ${dates.at(-1) ?? ''}`)

function damaged({ names: [file], numbers: [found, wanted], sentence }: Told): string {
  const which = file === undefined ? 'Eine Datei' : `Die Datei „${file}“`
  if (sentence.includes('is missing')) return `${which} fehlt.`
  if (sentence.includes('other bytes')) return `${which} hat andere Bytes, als geschrieben wurden.`
  if (found !== undefined && wanted !== undefined) return `${which} enthält ${records(found)} statt ${wanted}.`
  return `${which} ist nicht lesbar.`
}

function unlikeControl({ numbers: [accepted, found] }: Told): string {
  if (found === undefined)
    return `${records(accepted)} ließen sich nicht unversehrt schreiben und bleiben, wo sie waren.`
  return `Angenommen: ${records(accepted)}. Lesbar: ${found}, und sie ergeben nicht dieselben Kontrollsummen.`
}

function countedTwice(told: Told): string {
  const [count] = told.numbers
  const [field] = told.names
  if (field === undefined)
    return `${rows(count)} mit Schlüsseln, die ein Tag schon zählt, dessen Löschung begonnen hat${onDay(told)}. Legen Sie sie zurück oder entfernen Sie sie, oder nehmen Sie hin, dass beide Tage sie zählen.`
  return `Schon an einem anderen Tag gezählt${onDay(told)}: ${many(count, 'Wert', 'Werte')} von „${field}“.`
}

function reappeared({ numbers: [first, second] }: Told): string {
  if (second !== undefined)
    return `Nie bewiesen liegen in diesem gelöschten Tag: ${files(first)} und ${records(second)}.`
  return `${rows(first)} der Datenbank der Anwendung in diesem gelöschten Tag, die seine Zahlen nicht zählen: nach dem Beweis geändert, von einem anderen Tag hierher verschoben oder zu spät gekommen. Entfernen Sie, was dort liegt, oder lassen Sie es löschen.`
}

export const heldDetails: Record<string, Saying> = {
  DAMAGED: damaged,
  CONTROL_DIFFERS: unlikeControl,
  ROLLUP_DIFFERS: ({ names: [rollup, ...measures] }) =>
    `${rollup === undefined ? 'Eine Verdichtung' : `Die Verdichtung „${rollup}“`} ist nicht, was ihre Datensätze ergeben${measures.length === 0 ? '' : `; es weichen ab: ${quoted(measures)}`}. Von diesem Tag wurde nichts veröffentlicht, und nichts darf gelöscht werden.`,
  STORED_DIFFERS: ({ names: [rollup] }) =>
    `Von ${rollup === undefined ? 'einer Verdichtung' : `der Verdichtung „${rollup}“`} steht etwas anderes da, als bewiesen wurde.`,
  KEY_ON_TWO_DAYS: countedTwice,
  SHRUNK: ({ numbers: [before, found] }) =>
    found === undefined
      ? 'Es sind weniger Datensätze als bei der Versiegelung.'
      : `Versiegelt: ${records(before)}. Jetzt: ${found}.`,
  TIME_OUTSIDE_DAY: ({ numbers: [count] }) => `Außerhalb der Zeit des Tages: ${records(count)}.`,
  PARTLY_PURGED: ({ numbers: [left, all, pieces] }) =>
    `Noch in der Datenbank der Anwendung: ${rows(left)} von ${all ?? 'allen'}. ${many(pieces, 'Abschnitt ist', 'Abschnitte sind')} nicht mehr wie versiegelt, oder etwas dort hält die Zeilen fest. Die Zahlen bleiben, wie sie versiegelt sind.`,
  REAPPEARED: reappeared,
  BAD_ROW: ({ names: [, table, ...fields] }) =>
    fields.length === 0
      ? 'Eine Zeile in der Tabelle der Anwendung hat einen Wert, aus dem sich nichts machen lässt.'
      : `Zeilen der Tabelle „${table ?? ''}“ sind keine Datensätze; es liegt an ${quoted(fields)}. Von diesem Tag wurde nichts versiegelt.`,
  KEY_NOT_UNIQUE: ({ names, numbers: [count] }) =>
    `${rows(count)} zu viel${names[1] === undefined ? '' : ` in der Tabelle „${names[1]}“`} für ihre Schlüssel: Wählen Sie einen Schlüssel, der eindeutig ist.`,
}

const rollups = ({ numbers: [count] }: Told) => `${many(count, 'Verdichtung', 'Verdichtungen')}.`

/** Give a sentence with numbers as German writes them, whatever their decimals. */
function inGerman(sentence: string): string {
  return sentence.replace(/(?<![\w.,])\d[\d,]*(?:\.\d+)?(?!\w)/g, (number) =>
    number.replace(/[.,]/g, (mark) => (mark === ',' ? '.' : ',')),
  )
}

function stored(told: Told): string {
  const counts = told.numbers.values()
  if (/ rows?\b/.test(told.sentence)) return told.sentence.replace(/\b[\d,]+ rows?\b/g, () => rows(counts.next().value))
  return /^\d/.test(told.sentence) ? rollups(told) : told.sentence
}

/** What each check compared; what the ledger's own check found wrong stays as it is. */
export const checkDetails: Record<string, Saying> = {
  ENTRIES_CHAINED: ({ numbers: [number], sentence }) =>
    sentence.includes(' not ')
      ? `Eintrag ${number ?? ''} ist nicht, was verkettet wurde.`
      : sentence.startsWith('Entry')
        ? `Eintrag ${number ?? ''}.`
        : `${many(number, 'Eintrag', 'Einträge')}.`,
  RECORDS_COUNTED: ({ numbers: [found, sealed] }) =>
    sealed === undefined ? `${records(found)}.` : `${records(found)}, versiegelt mit ${sealed}.`,
  NUMBERS_SUMMED: ({ sentence }) =>
    inGerman(sentence)
      .replace('No number adds up to anything but zero.', 'Keine Zahl ergibt etwas anderes als null.')
      .replace(' Sealed: ', ' Versiegelt: '),
  FILES_WHOLE: (told) =>
    /^\d/.test(told.sentence)
      ? `${files(told.numbers[0])}.`
      : told.sentence.startsWith('segment ')
        ? damaged(told)
        : told.sentence,
  ROWS_STORED: stored,
  PARTS_STORED: stored,
  ROLLED_TWICE: (told) =>
    told.sentence.endsWith(' comes to other figures.')
      ? `Die Verdichtung „${told.names[0] ?? ''}“ ergibt andere Zahlen.`
      : stored(told),
}

export const checksUndone: Record<string, string> = {
  NOT_SEALED: 'Der Tag ist noch nicht versiegelt.',
  TOUCHED: 'Nach dem Siegel kamen Datensätze: Die nächste Verdichtung beweist den Tag erneut.',
  RECORDS_PURGED: 'Die Datensätze sind gelöscht; das Siegel sagt, was sie ergaben.',
  RECORDS_PURGING: 'Die Datensätze werden gerade gelöscht; das Siegel sagt, was sie ergaben.',
  RECORDS_DAMAGED: 'Nicht alle Datensätze lassen sich lesen.',
  RECORDS_ELSEWHERE: 'Die Datensätze liegen in der Datenbank der Anwendung.',
  SEAL_INCOMPLETE: 'Ein Mensch ließ das Siegel gelten, obwohl Datensätze fehlen.',
  KEYS_GONE: 'Die Schlüssel für die Hashes des Siegels gibt es nicht mehr.',
  DEFINITIONS_CHANGED:
    'Schlüssel oder Deklarationen änderten sich seit dem Siegel: Die nächste Verdichtung beweist den Tag erneut.',
}
