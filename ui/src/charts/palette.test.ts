import { describe, expect, test } from 'vitest'
import { PALETTES } from './palette'

// Machado, Oliveira and Fernandes (2009), severity 1.0; distances in Oklab (Ottosson, 2020), times a hundred.
const SIGHT = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}
type Triple = [number, number, number]

function linear(hex: string): Triple {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
  return parts.map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)) as Triple
}

function seen(color: Triple, sight: number[][]): Triple {
  return sight.map((row) => row.reduce((sum, x, i) => sum + x * (color[i] ?? 0), 0)) as Triple
}

function oklab(color: Triple): Triple {
  const [r, g, b] = color.map((x) => Math.min(1, Math.max(0, x))) as Triple
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function contrast(a: string, b: string): number {
  const [low, high] = [a, b]
    .map((hex) => {
      const [r, g, blue] = linear(hex)
      return 0.2126 * r + 0.7152 * g + 0.0722 * blue + 0.05
    })
    .sort((x, y) => x - y) as [number, number]
  return high / low
}

describe.each([
  ['light', '#ffffff'],
  ['dark', '#181c21'],
] as const)('the series of charts on %s ground', (scheme, ground) => {
  const { series } = PALETTES[scheme]

  test.each(Object.entries(SIGHT))('are told apart with %s sight', (_, sight) => {
    const colors = series.map((hex) => oklab(seen(linear(hex), sight)))
    const distances = colors.flatMap((a, i) =>
      colors.slice(i + 1).map((b) => 100 * Math.hypot(...a.map((x, k) => x - (b[k] ?? 0)))),
    )
    expect(Math.min(...distances)).toBeGreaterThan(8)
  })

  test('stand out from the ground', () => {
    expect(Math.min(...series.map((hex) => contrast(hex, ground)))).toBeGreaterThanOrEqual(3)
  })
})
