// By the server's stable code: what people can do about it, where its own sentence is for programs.
import type { Saying } from '@/api/told'

export const problems: Record<string, Saying> = {
  UNREACHABLE: 'The server does not answer. It may be restarting; this page tries again by itself.',
  NOT_UNDERSTOOD: 'Something between you and the server answered in its place.',
  CREDENTIAL_MISSING: 'You are not signed in.',
  CREDENTIAL_REFUSED: 'Your session has ended: sign in again.',
  CSRF_TOKEN_MISSING: 'Somebody else signed in, in another tab. Load this page again to go on as them.',
  CROSS_SITE: 'This page came from another address than the server knows. Open it at its own address.',
  TOO_MANY_REQUESTS: 'That was a lot at once. Wait a moment and try again.',
  TOO_MANY_LIVE: 'You watch live in too many places: close some of them.',
  INTERNAL: 'Something broke in the server. Its log says where.',
  BUSY: 'The server has its hands full: try again in a moment.',
  SHUTTING_DOWN: 'The server is restarting: try again in a moment.',
  UNKNOWN_METRIC: ({ names: [name] }) =>
    name === undefined ? 'This metric is not there any more.' : `The metric “${name}” is not there any more.`,
  NOT_PERMITTED: ({ names: [name], sentence }) =>
    sentence.startsWith('Metric ') && name !== undefined
      ? `Your roles do not show “${name}”. An owner can give you one that does.`
      : 'Your roles do not let you do this. An owner can give you one that does.',
  OUTSIDE_GRANT: ({ dates }) =>
    dates.length > 1
      ? `Your roles show this from ${dates.at(-1) ?? ''} on: choose a later range.`
      : 'Your roles do not show days that are this old: choose a later range.',
}
