// What a page begins with, by its address: the server names it in the page, so that a browser asks for all of it at once.

/** One part of an address in braces stands for any; `modules` may be those of a language. */
export interface First {
  readonly modules: readonly string[]
  readonly asked: readonly string[]
}

const WORDS = ['nav', 'parts', 'problems', 'shell', 'answers']
const ENGINE = 'src/charts/engine.ts'
const BOARD = ['src/features/dashboards/ahead.ts', ENGINE]

/** Give the pages that people open most. */
export const FIRST: Readonly<Record<string, First>> = {
  dashboards: page('dashboards/list.tsx', 'dashboards', ['/v1/dashboards']),
  'dashboards/{id}': page('dashboards/view.tsx', 'dashboards', ['/v1/dashboards/{id}', '/v1/metrics'], BOARD),
  'dashboards/{id}/edit': page('dashboards/edit.tsx', 'dashboards', ['/v1/dashboards/{id}', '/v1/metrics'], BOARD),
  explore: page('explore/page.tsx', 'explore', ['/v1/metrics'], [ENGINE]),
  'public/{link}': { ...page('dashboards/public.tsx', 'dashboards', [], [ENGINE]), asked: [] },
}

function page(file: string, words: string, asked: readonly string[], more: readonly string[] = []): First {
  const texts = [...WORDS, words].map((name) => `src/texts/{language}/${name}.ts`)
  return { modules: [`src/features/${file}`, ...texts, ...more], asked: ['/v1/session', ...asked] }
}
