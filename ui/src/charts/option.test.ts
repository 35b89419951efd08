// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import { answer, BEFORE, COUNTRY, CUSTOMERS, PRODUCT, REVENUE, TIME } from '@/answer/testing'
import { countries, countryCode } from './countries'
import type { Option } from './frame'
import { optionOf } from './option'
import { picture, THEME } from './testing'
import { toldAt, tooltip } from './tooltip'

function seriesOf(option: Option): Option[] {
  return option['series'] as Option[]
}

const GAPPED = answer(
  [TIME, REVENUE],
  [
    ['2026-01-01', '5.00'],
    ['2026-01-02', null],
    ['2026-01-03', '7.00'],
    ['2026-01-04', '8.00'],
  ],
)
const BY_COUNTRY = answer(
  [COUNTRY, REVENUE],
  [
    ['Spain', '6.00'],
    [null, '2.00'],
    ['(other)', '1.00'],
    ['(hidden)', null],
  ],
)

describe('lines', () => {
  test('have a gap where a day is missing, and no line over it', () => {
    const [line] = seriesOf(optionOf(picture('line', GAPPED)))
    expect(line).toMatchObject({ data: [5, null, 7, 8], connectNulls: false })
  })

  test('show a day that has no neighbour as a point, however many days there are', () => {
    const rows = Array.from({ length: 100 }, (_, i) => [`2026-${100 + i}`, i === 50 ? '1.00' : null])
    const [line] = seriesOf(optionOf(picture('line', answer([TIME, REVENUE], rows))))
    expect(line).toMatchObject({ symbol: 'none', symbolSize: 5 })
    const data = line?.['data'] as unknown[]
    expect([data[50], data[49]]).toEqual([{ value: 1, symbol: 'circle' }, null])
  })

  test('have a dot at each of a few days, and no shape for each of many', () => {
    const days = (count: number) =>
      answer(
        [TIME, REVENUE],
        Array.from({ length: count }, (_, i) => [`d${i}`, '1.00']),
      )
    const symbols = [10, 300].map((count) => seriesOf(optionOf(picture('line', days(count))))[0]?.['symbol'])
    expect(symbols).toEqual(['circle', 'none'])
    expect(seriesOf(optionOf(picture('sparkline', days(10))))[0]).toMatchObject({ symbol: 'none', symbolSize: 0 })
  })

  test('of the period before are dashed, in the colour of now', () => {
    const [now, before] = seriesOf(
      optionOf(picture('line', answer([TIME, REVENUE, BEFORE], [['2026-01-01', '5.00', '4.00']]))),
    )
    expect(before?.['name']).toBe('Revenue, before')
    expect(before?.['lineStyle']).toMatchObject({ type: 'dashed', color: (now?.['lineStyle'] as Option)['color'] })
  })

  test('may stand on each other, as shares of what there is', () => {
    const split = answer(
      [TIME, COUNTRY, REVENUE],
      [
        ['d', 'a', '1.00'],
        ['d', 'b', '3.00'],
      ],
    )
    const drawn = seriesOf(optionOf(picture('area', split, { normal: true })))
    expect(drawn.map((one) => [one['data'], one['stack']])).toEqual([
      [[0.25], 'metric'],
      [[0.75], 'metric'],
    ])
  })
})

describe('bars', () => {
  test('lie where names are long, and stand over periods', () => {
    expect(optionOf(picture('bar', BY_COUNTRY))['yAxis']).toMatchObject({ type: 'category', inverse: true })
    expect(optionOf(picture('bar', GAPPED))['xAxis']).toMatchObject({ type: 'category' })
  })

  test('of the rest are grey', () => {
    const [bar] = seriesOf(optionOf(picture('bar', BY_COUNTRY)))
    expect((bar?.['data'] as unknown[])[2]).toEqual({ value: 1, itemStyle: { color: THEME.other } })
  })

  test('are grouped unless they are stacked', () => {
    const split = answer(
      [COUNTRY, PRODUCT, REVENUE],
      [
        ['a', 'tea', '1.00'],
        ['a', 'milk', '3.00'],
      ],
    )
    expect(seriesOf(optionOf(picture('bar', split))).some((one) => 'stack' in one)).toBe(false)
    expect(seriesOf(optionOf(picture('bar', split, { stacked: true }))).every((one) => one['stack'] === 'metric')).toBe(
      true,
    )
  })
})

test('a pie has no part for what is missing or below zero', () => {
  const [ring] = seriesOf(
    optionOf(
      picture(
        'pie',
        answer(
          [COUNTRY, REVENUE],
          [
            ['a', '2.00'],
            ['b', null],
            ['c', '-1.00'],
          ],
        ),
      ),
    ),
  )
  expect((ring?.['data'] as Option[]).map((part) => part['name'])).toEqual(['a'])
})

test('a scatter has a point for each name that has both figures', () => {
  const both = answer(
    [COUNTRY, REVENUE, CUSTOMERS],
    [
      ['a', '2.00', '4'],
      ['b', '1.00', null],
    ],
  )
  expect(seriesOf(optionOf(picture('scatter', both)))[0]?.['data']).toEqual([{ value: [2, 4], at: 0 }])
})

test('a heat map leaves out what is missing', () => {
  const split = answer(
    [TIME, COUNTRY, REVENUE],
    [
      ['d1', 'a', '1.00'],
      ['d1', 'b', null],
      ['d2', 'a', '0.00'],
      ['d2', 'b', '9.00'],
    ],
  )
  const cells = seriesOf(optionOf(picture('heatmap', split)))[0]?.['data'] as { value: unknown }[]
  expect(cells.map((cell) => cell.value)).toEqual([
    [0, 0, 1],
    [1, 0, 0],
    [1, 1, 3],
  ])
})

test('a gauge reaches its target or says how far it is', () => {
  const total = answer([REVENUE], [['80.00']])
  const [short] = seriesOf(optionOf(picture('gauge', total, { total: '80.00', target: '100' })))
  expect(short).toMatchObject({ max: 100, data: [{ value: 80, name: 'Target £100' }] })
  const [over] = seriesOf(optionOf(picture('gauge', total, { total: '120.00', target: '100' })))
  expect(over?.['max']).toBeCloseTo(132)
})

test('of a figure that is better when it is less, the good colour is the one below its target', () => {
  const total = answer([REVENUE], [['80.00']])
  const colored = (isLessBetter: boolean) => {
    const [dial] = seriesOf(optionOf(picture('gauge', total, { total: '80.00', target: '100', isLessBetter })))
    return (dial?.['progress'] as { itemStyle: { color: string } }).itemStyle.color
  }
  expect(colored(true)).not.toBe(colored(false))
})

describe('a map', () => {
  test.each([
    ['fr', 'FR'],
    ['France', 'FR'],
    ['EIRE', 'IE'],
    ['Deutschland', 'DE'],
    ['United Kingdom', 'GB'],
    ['(other)', null],
    ['EU', null],
    [null, null],
  ])('takes %s for %s', (value, code) => {
    expect(countryCode(value, 'de')).toBe(code)
  })

  test('says what it has no place for', () => {
    const { shown, elsewhere } = countries(
      picture(
        'map',
        answer(
          [COUNTRY, REVENUE],
          [
            ['France', '6.00'],
            ['Channel Islands', '1.00'],
            [null, '2.00'],
          ],
        ),
      ),
    )
    expect(shown).toEqual([{ name: 'France', value: 6, at: 0 }])
    expect(elsewhere).toEqual([1, 2])
  })
})

describe('a tooltip', () => {
  test('shows markup in a value as text', () => {
    const nasty = '<img src=x onerror=alert(1)>'
    const split = answer(
      [TIME, COUNTRY, REVENUE],
      [
        ['2026-01-01', nasty, '1.00'],
        ['2026-01-01', '🛒', '2.00'],
      ],
    )
    const box = tooltip(toldAt(picture('line', split), 0))
    expect(box.querySelector('img')).toBeNull()
    expect(box.textContent).toContain(nasty)
    expect(box.textContent).toContain('🛒')
  })

  test('says which figure is missing, and writes the others with every digit', () => {
    const wide = answer(
      [TIME, REVENUE],
      [
        ['2026-01-01', '12345678901234567.89'],
        ['2026-01-02', null],
      ],
    )
    expect(toldAt(picture('line', wide), 0).rows[0]?.figure).toBe('£12,345,678,901,234,567.89')
    expect(toldAt(picture('line', wide), 1).rows[0]?.figure).toBe('missing')
  })
})
