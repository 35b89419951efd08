import { localStorageColorSchemeManager, MantineProvider, mergeThemeOverrides } from '@mantine/core'
import { useEffect, useMemo, type ReactNode } from 'react'
import { watchPaper } from '@/parts/paper'
import { useTexts } from '@/texts'
import { theme, variables } from './theme'

// The server gives each page its own: styles that are made while it runs have to show it.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
const schemes = localStorageColorSchemeManager({ key: 'keepsum.scheme' })

// The same for what locks the page's scrolling under a dialog: its library looks for the nonce in this place.
Object.assign(globalThis, { __webpack_nonce__: nonce })

/** How everything looks, and what the controls that have no words of their own are called. */
export function Looks({ children }: { children: ReactNode }) {
  const { close } = useTexts('parts')
  useEffect(() => watchPaper(() => undefined), []) // every page is printed as by day
  const named = useMemo(
    () => mergeThemeOverrides(theme, { components: { CloseButton: { defaultProps: { 'aria-label': close } } } }),
    [close],
  )
  return (
    <MantineProvider
      theme={named}
      cssVariablesResolver={variables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  )
}
