// The colours of charts.  A test holds the series' apart for people with each kind of colour blindness.

export interface Palette {
  readonly series: readonly string[]
  /** The rest, and what is hidden: never a series' own colour. */
  readonly other: string
  readonly ramp: readonly [string, string]
  readonly good: string
  readonly bad: string
}

export const PALETTES: Readonly<Record<'light' | 'dark', Palette>> = {
  light: {
    series: ['#0f7a61', '#9980fe', '#9d8d26', '#483eb5', '#3a9da2', '#742400', '#573160'],
    other: '#8a939d',
    ramp: ['#e3f2ed', '#0b6450'],
    good: '#0f7a61',
    bad: '#b02525',
  },
  dark: {
    series: ['#3fbf9c', '#cd86fe', '#c3e143', '#6461da', '#86e2f2', '#db551d', '#985f85'],
    other: '#79828e',
    ramp: ['#1f332e', '#5fdcb9'],
    good: '#52b498',
    bad: '#f69393',
  },
}

/** What a chart is painted with, in light or dark. */
export interface Theme extends Palette {
  readonly text: string
  readonly dimmed: string
  readonly line: string
  readonly ground: string
  readonly font: string
}

/** Give what charts are painted with from the page's own variables. */
export function themeOf(scheme: 'light' | 'dark', page: Pick<CSSStyleDeclaration, 'getPropertyValue'>): Theme {
  const read = (name: string, otherwise: string) => page.getPropertyValue(name).trim() || otherwise
  const isLight = scheme === 'light'
  return {
    ...PALETTES[scheme],
    text: read('--mantine-color-text', isLight ? '#1b2128' : '#e3e7ec'),
    dimmed: read('--mantine-color-dimmed', isLight ? '#59626d' : '#a3abb6'),
    line: read('--line', isLight ? '#e2e5e9' : '#2c333c'),
    ground: read('--card', isLight ? '#ffffff' : '#181c21'),
    font: read('--mantine-font-family', 'system-ui, sans-serif'),
  }
}
