/** Writes figures for people: by unit, scale and locale, with every digit, or shortened where a chart is narrow. */
import type { Cell } from './answer'

export interface Measured {
  readonly unit: string
  readonly scale: number
}

const CURRENCY = /^[A-Z]{3}$/
const formats = new Map<string, Intl.NumberFormat>()

/** Give a figure in full: `£1,519,298.83`, `12.5 %`, `1,771`. Texts stay exact, however many digits they have. */
export function figure(cell: Cell, { unit, scale }: Measured, locale: string): string {
  if (cell === null) return ''
  const options = { minimumFractionDigits: scale, maximumFractionDigits: scale }
  const written = format(locale, { ...options, ...styleOf(unit) }).format(cell as Intl.StringNumericLiteral)
  return isPercent(unit) ? percent(written, locale) : written
}

/** Give a figure with its unit, where the figure does not carry it already: `1,771 customers`. */
export function figureWithUnit(cell: Cell, measured: Measured, locale: string): string {
  const written = figure(cell, measured, locale)
  return written === '' || carriesUnit(measured.unit) ? written : `${written} ${measured.unit}`
}

/** Give a number in few characters, for axes: `£1.5M`, `12K`. */
export function short(value: number, unit: string, locale: string): string {
  const options: Intl.NumberFormatOptions = {
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: 1,
    ...styleOf(unit),
  }
  const written = format(locale, options).format(value)
  return isPercent(unit) ? percent(written, locale) : written
}

/** Give a share such as 0.123 as `12.3 %`. */
export function share(value: number, locale: string, digits = 1): string {
  return format(locale, { style: 'percent', maximumFractionDigits: digits }).format(value)
}

/** Give a change with its sign: `+12.3 %`. */
export function signedShare(value: number, locale: string): string {
  const sign = value > 0 ? '+' : value < 0 ? '−' : ''
  return sign + share(Math.abs(value), locale)
}

/** Give a change against the period before as a share with its sign; nothing where there is none to compare with. */
export function change(now: Cell, before: Cell): number | null {
  const [to, from] = [value(now), value(before)]
  return to === null || from === null || from === 0 ? null : (to - from) / Math.abs(from)
}

/** Give a figure as a number to draw with: about sixteen digits, which no screen shows. */
export function value(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell)
}

/** Whether a figure is written with its unit, as money and percentages are. */
export function carriesUnit(unit: string): boolean {
  return unit === '' || isCurrency(unit) || isPercent(unit)
}

/** Give a declared name as people read it: `revenue_per_invoice` is `Revenue per invoice`. */
export function humanised(name: string): string {
  const words = name.replaceAll('_', ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function isPercent(unit: string): boolean {
  return unit === 'percent' || unit === '%'
}

function percent(written: string, locale: string): string {
  return locale.startsWith('en') ? `${written}%` : `${written} %`
}

function isCurrency(unit: string): boolean {
  return CURRENCY.test(unit)
}

function styleOf(unit: string): Intl.NumberFormatOptions {
  return isCurrency(unit) ? { style: 'currency', currency: unit, currencyDisplay: 'narrowSymbol' } : {}
}

function format(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options)
  const found = formats.get(key) ?? new Intl.NumberFormat(locale, options)
  formats.set(key, found)
  return found
}
