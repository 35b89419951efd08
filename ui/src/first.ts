// What a page begins with, by its address: the server names it in the page, so that a browser asks for all of it at once.

/** One part of an address in braces stands for any; `modules` may be those of a language. */
export interface First {
  readonly modules: readonly string[]
  readonly asked: readonly string[]
}

const WORDS = ['core', 'answers']
const AHEAD = ['src/features/dashboards/ahead.ts']

/** Give the pages that people open most. */
export const FIRST: Readonly<Record<string, First>> = {
  dashboards: page('dashboards/list.tsx', 'dashboards', ['/v1/dashboards']),
  'dashboards/{id}': page('dashboards/view.tsx', 'dashboards', ['/v1/dashboards/{id}', '/v1/metrics'], AHEAD),
  'dashboards/{id}/edit': page('dashboards/edit.tsx', 'dashboards', ['/v1/dashboards/{id}', '/v1/metrics'], AHEAD),
  explore: page('explore/page.tsx', 'explore', ['/v1/metrics']),
  'public/{link}': { ...page('dashboards/public.tsx', 'dashboards', []), asked: [] },
}

function page(file: string, words: string, asked: readonly string[], more: readonly string[] = []): First {
  const texts = [...WORDS, words].map((name) => `src/texts/{language}/${name}.ts`)
  return { modules: [`src/features/${file}`, ...texts, ...more], asked: ['/v1/session', ...asked] }
}
