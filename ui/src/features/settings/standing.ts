interface Ends {
  until: string | null
  revoked_at: string | null
}

/** Gives whether a token works at an instant, and if not, how it stopped. */
export function standingOf(token: Ends, now: string | null): 'works' | 'ended' | 'revoked' {
  if (token.revoked_at !== null) return 'revoked'
  return token.until !== null && now !== null && Date.parse(token.until) <= Date.parse(now) ? 'ended' : 'works'
}
