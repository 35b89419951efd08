import type { components } from './schema'

type Document = components['schemas']['Problem']

/** What the server, or the way to it, refused: `code` stays the same, `detail` is one sentence. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly field: string | null
  /** The whole document, with what some codes tell beyond that. */
  readonly document: Readonly<Record<string, unknown>>

  constructor(given: Partial<Document> & { code: string; status: number }) {
    super(given.detail ?? given.code)
    this.name = 'Problem'
    this.status = given.status
    this.code = given.code
    this.detail = given.detail ?? ''
    this.field = given.field ?? null
    this.document = given
  }

  /** Whether the same request may well succeed in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502
  }
}

/** Give the problem that a response tells, whatever answered: our server, a proxy in front of it, or nothing sensible. */
export async function problemOf(response: Response): Promise<Problem> {
  const { status } = response
  try {
    const told: unknown = await response.clone().json()
    if (isDocument(told)) return new Problem({ ...told, status })
  } catch {
    // Not ours: a proxy's page perhaps.
  }
  return new Problem({ code: status >= 502 ? 'UNREACHABLE' : 'NOT_UNDERSTOOD', status, detail: '' })
}

/** Give the problem of a request that got no response at all. */
export function unreachable(): Problem {
  return new Problem({ code: 'UNREACHABLE', status: 0, detail: '' })
}

function isDocument(told: unknown): told is Document {
  return typeof told === 'object' && told !== null && 'code' in told && typeof told.code === 'string'
}
