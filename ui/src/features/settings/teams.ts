import type { Person, Role } from './queries'

export interface Team {
  readonly name: string
  readonly members: readonly Person[]
}

/** Give the teams there are, by name: a team is what its members are said to be of. */
export function teamsOf(people: readonly Person[]): Team[] {
  const names = [...new Set(people.flatMap(({ team }) => team ?? []))].sort((one, other) => one.localeCompare(other))
  return names.map((name) => ({ name, members: people.filter(({ team }) => team === name) }))
}

/** Give the roles that show the rows of a team. */
export function rolesOfTeams(roles: readonly Role[]): string[] {
  return roles.filter(({ grants }) => grants?.some(({ level }) => level === 'team')).map(({ name }) => name)
}
