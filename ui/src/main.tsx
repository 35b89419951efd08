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
import { firstLanguage, TextsProvider } from './texts'
import { Looks } from './theme/looks'

const RENEWED = 'keepsum.renewed'
const PAUSE = 1_000 // milliseconds between two looks for the server
const PATIENCE = 60_000 // milliseconds between two new beginnings

async function begin(root: HTMLElement): Promise<void> {
  // Asked for by the first text, they would come after it: it would be set in other letters first, and then once more.
  document.fonts.load('1em "Inter Variable"').catch(() => undefined)
  const language = firstLanguage()
  const queries = makeQueries()
  const router = makeRouter(queries)
  // The page is put up once, when it is known and has its words, and what it asks is on its way by then.
  await router.load().catch(() => undefined) // what fails it shows itself
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
// while the server does not answer it would take away the page that there is; one that broke begins anew when it does.
globalThis.addEventListener('vite:preloadError', () => {
  const last = Number(sessionStorage.getItem(RENEWED) ?? 0)
  if (Date.now() - last < PATIENCE) return
  void renew()
})

async function renew(): Promise<void> {
  const wasThere = await answers()
  for (let isThere = wasThere; !isThere; isThere = await answers()) await new Promise((go) => setTimeout(go, PAUSE))
  if (!wasThere && document.querySelector('[data-broke]') === null) return
  sessionStorage.setItem(RENEWED, String(Date.now()))
  globalThis.location.reload()
}

async function answers(): Promise<boolean> {
  return fetch('/health/live').then(
    ({ ok }) => ok,
    () => false,
  )
}

const root = document.getElementById('root')
if (root !== null) void begin(root)
