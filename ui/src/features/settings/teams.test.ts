import { expect, test } from 'vitest'
import type { Person, Role } from './queries'
import { rolesOfTeams, teamsOf } from './teams'

const person = (name: string, team: string | null) => ({ id: name, name, team }) as Person

test('a team is there while somebody is of it', () => {
  const [ann, bea, cem, dan] = [
    person('Ann', 'north'),
    person('Bea', null),
    person('Cem', 'east'),
    person('Dan', 'north'),
  ]
  expect(teamsOf([ann, bea, cem, dan])).toEqual([
    { name: 'east', members: [cem] },
    { name: 'north', members: [ann, dan] },
  ])
  expect(teamsOf([bea])).toEqual([])
})

test('roles are about teams where a grant shows the rows of one', () => {
  const role = (name: string, level: string) => ({ name, grants: [{ on: '*', reach: 'full', level }] }) as Role
  expect(rolesOfTeams([role('viewer', 'organization'), role('seller', 'team'), { name: 'bare' } as Role])).toEqual([
    'seller',
  ])
})
