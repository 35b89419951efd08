/** Give where to go on after signing in: the page that was asked for, if it is one of ours, else the start page. */
export function within(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/') || /^\/[/\\]/.test(next)) return '/'
  const address = new URL(next, globalThis.location.origin)
  return address.origin === globalThis.location.origin ? address.pathname + address.search + address.hash : '/'
}
