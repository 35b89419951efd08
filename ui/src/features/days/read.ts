// Reads exact sums: JavaScript's own numbers have about sixteen digits, a day's sums may have more.

const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
const LONG = /^-?\d{16,}$/

/** Gives the value that a JSON text is; integers of more than fifteen digits are texts. */
export function readExact(text: string): unknown {
  return JSON.parse(text.replace(TEXT_OR_NUMBER, (token) => (LONG.test(token) ? `"${token}"` : token)))
}

/** Gives a sum in units of its last decimal as a decimal text: 531040 at two decimals is 5310.40. */
export function decimal(sum: string | number, scale: number): string {
  const text = String(sum)
  if (scale === 0) return text
  const digits = text.replace('-', '').padStart(scale + 1, '0')
  return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

interface Field {
  name: string
  unit?: string | null
  scale?: number
}

export interface Sum {
  name: string
  unit: string
  scale: number
  value: string
}

/** Gives a day's sums by field, with the unit of each; a field that is declared no more is told as it is stored. */
export function sumsOf(sums: Record<string, string | number>, fields: readonly Field[]): Sum[] {
  return Object.entries(sums).map(([column, sum]) => {
    const field = fields.find(({ name }) => column === `f_${name}`)
    const [name, unit, scale] = [field?.name ?? column.replace(/^f_/, ''), field?.unit ?? '', field?.scale ?? 0]
    return { name, unit, scale, value: decimal(sum, scale) }
  })
}
