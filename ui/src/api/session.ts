import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { client, take, type Schema } from './client'
import { noteEntry, noteLeave } from './lapse'
import { keepOwn } from './send'

export type Session = Schema['CallerOut']
export type Permission = Schema['Permission']

/** Who is signed in, and where; refused with status 401 when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session> => {
    const session = await take(client.GET('/v1/session', { signal }))
    keepOwn(session)
    noteEntry()
    return session
  },
  staleTime: 60_000,
  retry: false,
})

/** Give who is signed in; only below the shell, which has made sure of it. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data
}

/** Say whether the person may do something. */
export function may(session: Session, permission: Permission | undefined): boolean {
  return permission === undefined || session.permissions.includes(permission)
}

/** Say whether the person who is signed in may do something. */
export function useMay(permission: Permission): boolean {
  return may(useSession(), permission)
}

/** Sign in: the session is then in a cookie, and the password nowhere. */
export async function enter(given: Schema['SignIn']): Promise<void> {
  const entry = await take(client.POST('/v1/session', { body: given }))
  keepOwn({ ...entry, id: entry.person })
  noteEntry()
}

/** Sign out in this browser. */
export async function leave(): Promise<void> {
  noteLeave()
  await take(client.DELETE('/v1/session'))
  keepOwn(null)
}

/** Go on in another workspace. */
export async function move(workspace: string): Promise<void> {
  keepOwn(await take(client.PATCH('/v1/session', { body: { workspace } })))
}
