import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles.layer.css'
import './theme/global.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { makeQueries } from './api/queries'
import { Noticeboard } from './parts/noticeboard'
import { makeRouter } from './router'
import { firstLanguage, load, TextsProvider } from './texts'
import { Looks } from './theme/looks'

// What the page at an address says is asked for with the page and not after it; the first part names the feature.
const SAID: Readonly<Record<string, string[]>> = {
  '': ['dashboards'],
  public: ['dashboards'],
  'sign-in': ['entry'],
  link: ['entry'],
}

const RENEWED = 'keepsum.renewed'
const PATIENCE = 60_000 // milliseconds between two new beginnings

async function begin(root: HTMLElement): Promise<void> {
  const language = firstLanguage()
  const place = globalThis.location.pathname.split('/')[2] ?? ''
  await load(language, ['answers', ...(SAID[place] ?? [place])])
  const queries = makeQueries()
  const router = makeRouter(queries)
  createRoot(root).render(
    <StrictMode>
      <TextsProvider first={language}>
        <Looks>
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
            <Noticeboard />
          </QueryClientProvider>
        </Looks>
      </TextsProvider>
    </StrictMode>,
  )
}

// A newer version was put in place under an open page: its files have other names.  One new beginning mends that, but
// while the server does not answer it would take away the page that there is.
globalThis.addEventListener('vite:preloadError', () => {
  const last = Number(sessionStorage.getItem(RENEWED) ?? 0)
  if (Date.now() - last < PATIENCE) return
  void answers().then((isThere) => {
    if (!isThere) return
    sessionStorage.setItem(RENEWED, String(Date.now()))
    globalThis.location.reload()
  })
})

async function answers(): Promise<boolean> {
  return fetch('/health/live').then(
    ({ ok }) => ok,
    () => false,
  )
}

const root = document.getElementById('root')
if (root !== null) void begin(root)
