// How a page of ours asks: what changes something repeats what the session said, which another tab may have renewed.
import { problemOf, unreachable } from './problem'

/** Whose session it is, and what requests that change something repeat. */
interface Own {
  readonly csrf: string | null
  readonly id: string
  readonly workspace: string
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const STALE = 'CSRF_TOKEN_MISSING'
let own: Own | null = null

/** Remember whose session it is; null when nobody is signed in. */
export function keepOwn(given: Own | null): void {
  own = given
}

/** Send a request of the page's own; whatever comes back is given, and no answer at all is raised as a `Problem`. */
export async function send(asked: Request | string, how?: RequestInit): Promise<Response> {
  const request = new Request(asked, how)
  if (SAFE.has(request.method)) return reach(request)
  const body = await request.text()
  const response = await reach(repeating(request, body))
  const isStale = response.status === 403 && (await problemOf(response)).code === STALE
  return isStale && (await renew()) ? reach(repeating(request, body)) : response
}

function repeating(request: Request, body: string): Request {
  const repeated = new Request(request, body === '' ? {} : { body })
  if (own?.csrf != null) repeated.headers.set('X-CSRF-Token', own.csrf)
  return repeated
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    throw request.signal.aborted ? error : unreachable()
  }
}

/** Read the session once more; false if it is somebody else's by now, for whom nothing is sent that they never asked. */
async function renew(): Promise<boolean> {
  const before = own
  const response = await reach(new Request(new URL('/v1/session', globalThis.location.origin)))
  if (before === null || !response.ok) return false
  const now = (await response.json()) as Own
  if (now.id !== before.id || now.workspace !== before.workspace) return false
  keepOwn(now)
  return true
}
