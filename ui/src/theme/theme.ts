import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const pine: MantineColorsTuple = [
  '#ebf7f3',
  '#d5ece4',
  '#a9d9ca',
  '#7ac5af',
  '#52b498',
  '#38a98a',
  '#1f8f73',
  '#0f7a61',
  '#0b6450',
  '#064e3e',
]
const ink: MantineColorsTuple = [
  '#f6f7f8',
  '#eceef0',
  '#dde0e4',
  '#c9ced4',
  '#a6adb6',
  '#7f8893',
  '#646d78',
  '#4b535d',
  '#343b44',
  '#1f252c',
]
const night: MantineColorsTuple = [
  '#d6dae0',
  '#bcc2ca',
  '#9ea6b0',
  '#79828e',
  '#4a525d',
  '#363d47',
  '#282e36',
  '#1c2127',
  '#15191e',
  '#0f1216',
]

// The darkest shade of each is what words and marks are written in on light ground: at least 4.5 to 1.
const amber: MantineColorsTuple = [
  '#fff8e6',
  '#ffefc7',
  '#fbdf92',
  '#f6cd5c',
  '#edb92f',
  '#d99f14',
  '#b98006',
  '#976504',
  '#7c5203',
  '#644203',
]
const orange: MantineColorsTuple = [
  '#fff3ea',
  '#ffe4d1',
  '#ffc7a0',
  '#fda76c',
  '#f68a42',
  '#e67124',
  '#c95a12',
  '#a8470b',
  '#8a3a09',
  '#702f08',
]
const green: MantineColorsTuple = [
  '#ecf8ee',
  '#d8efdc',
  '#b0dfb9',
  '#85cd93',
  '#5fbc71',
  '#43a957',
  '#2e8f43',
  '#227535',
  '#1a602a',
  '#134b20',
]
const red: MantineColorsTuple = [
  '#fff0f0',
  '#ffdfdf',
  '#fcbcbc',
  '#f69393',
  '#ee6e6e',
  '#e14f4f',
  '#cc3535',
  '#b02525',
  '#951c1c',
  '#7b1515',
]
const blue: MantineColorsTuple = [
  '#edf4fd',
  '#d8e6fa',
  '#aecbf3',
  '#80adec',
  '#5892e4',
  '#3b7edb',
  '#2868c4',
  '#1d55a6',
  '#174689',
  '#11376d',
]

const SANS = "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
const MONO = "ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', Menlo, Consolas, monospace"

export const theme = createTheme({
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 7 },
  colors: { pine, gray: ink, dark: night, yellow: amber, orange, green, red, blue },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.1875rem' },
  headings: {
    fontFamily: SANS,
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.45' },
    },
  },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  shadows: {
    xs: '0 1px 2px rgb(15 23 32 / 6%)',
    sm: '0 1px 3px rgb(15 23 32 / 8%), 0 1px 2px rgb(15 23 32 / 5%)',
    md: '0 4px 16px rgb(15 23 32 / 10%), 0 1px 3px rgb(15 23 32 / 6%)',
  },
  components: {
    Tooltip: {
      defaultProps: {
        withArrow: true,
        openDelay: 250,
        multiline: true,
        maw: 320,
        events: { hover: true, focus: true, touch: true },
      },
    },
    Modal: {
      defaultProps: { centered: true, radius: 'lg', overlayProps: { backgroundOpacity: 0.35 } },
      styles: { title: { fontWeight: 620 } },
    },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.25 } } },
    Table: { defaultProps: { borderColor: 'var(--line)' } },
    Anchor: { defaultProps: { underline: 'hover' } },
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 550 } },
  },
})

const NAMED = ['pine', 'gray', 'yellow', 'orange', 'green', 'red', 'blue'] as const
const WRITTEN = ['light-color', 'outline', 'text'] as const

/** Colours of words and lines that reach 4.5 to 1 on their ground; Mantine's own do not all. */
export const variables: CSSVariablesResolver = (given) => {
  const written = (shade: number) =>
    Object.fromEntries(
      NAMED.flatMap((name) =>
        WRITTEN.map((use) => [`--mantine-color-${name}-${use}`, given.colors[name]?.[shade] ?? 'inherit']),
      ),
    )
  return {
    variables: {},
    light: {
      ...written(8),
      '--mantine-color-dimmed': '#59626d',
      '--mantine-color-placeholder': '#69727d',
      '--mantine-color-anchor': pine[8],
      '--mantine-color-error': red[7],
      '--mantine-color-body': '#ffffff',
      '--mantine-color-text': '#1b2128',
      '--ground': '#f6f7f8',
      '--card': '#ffffff',
      '--line': '#e2e5e9',
      '--quiet': '#f1f3f5',
    },
    dark: {
      ...written(3),
      '--mantine-color-dimmed': '#a3abb6',
      '--mantine-color-placeholder': '#8d96a1',
      '--mantine-color-anchor': pine[3],
      '--mantine-color-error': red[3],
      '--mantine-color-body': '#181c21',
      '--mantine-color-text': '#e3e7ec',
      '--ground': '#121519',
      '--card': '#181c21',
      '--line': '#2c333c',
      '--quiet': '#20252c',
    },
  }
}
