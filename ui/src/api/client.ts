import createClient from 'openapi-fetch'
import { noteLapse } from './lapse'
import { problemOf } from './problem'
import type { components, paths } from './schema'
import { send } from './send'

export type Schema = components['schemas']

/** Every route of the server with its types; what it refuses is raised as a `Problem`. */
export const client = createClient<paths>({
  baseUrl: globalThis.location.origin,
  fetch: send,
  querySerializer: { array: { style: 'form', explode: true } },
})

client.use({
  async onResponse({ request, response }) {
    if (response.ok) return
    const problem = await problemOf(response)
    if (problem.status === 401) noteLapse(new URL(request.url).pathname)
    throw problem
  },
})

/** Give what a request brought: `await take(client.GET('/v1/session'))`. */
export async function take<T>(asked: Promise<{ data?: T; response: Response }>): Promise<T> {
  return (await asked).data as T
}
