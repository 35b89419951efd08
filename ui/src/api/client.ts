import createClient from 'openapi-fetch'
import { noteLapse } from './lapse'
import { Problem, problemOf, unreachable } from './problem'
import type { components, paths } from './schema'

export type Schema = components['schemas']

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
let csrf: string | null = null

/** Remember what requests that change something repeat; null when nobody is signed in. */
export function keepCsrf(value: string | null): void {
  csrf = value
}

/** Give the headers that a request of our own page has, for the few that do not go through the client. */
export function ownHeaders(method: string): Record<string, string> {
  return csrf !== null && !SAFE.has(method) ? { 'X-CSRF-Token': csrf } : {}
}

/** Every route of the server with its types; what it refuses is raised as a `Problem`. */
export const client = createClient<paths>({
  baseUrl: globalThis.location.origin,
  querySerializer: { array: { style: 'form', explode: true } },
})

client.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(ownHeaders(request.method))) request.headers.set(name, value)
    return request
  },
  async onResponse({ request, response }) {
    if (response.ok) return
    const problem = await problemOf(response)
    if (problem.status === 401) noteLapse(new URL(request.url).pathname)
    throw problem
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === 'AbortError') return error
    return error instanceof Problem ? error : unreachable()
  },
})

/** Give what a request brought: `await take(client.GET('/v1/session'))`. */
export async function take<T>(asked: Promise<{ data?: T; response: Response }>): Promise<T> {
  return (await asked).data as T
}
