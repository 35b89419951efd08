// By the server's stable code: what people can do about it, where its own sentence is for programs.
export const problems: Record<string, string> = {
  UNREACHABLE: 'The server does not answer. It may be restarting; this page tries again by itself.',
  NOT_UNDERSTOOD: 'Something between you and the server answered in its place.',
  CREDENTIAL_MISSING: 'You are not signed in.',
  CREDENTIAL_REFUSED: 'Your session has ended: sign in again.',
  TOO_MANY_REQUESTS: 'That was a lot at once. Wait a moment and try again.',
}
