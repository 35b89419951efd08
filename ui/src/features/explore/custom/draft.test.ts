import { expect, test } from 'vitest'
import { draftOf, typedName } from './draft'

test('a name becomes what the server takes, while it is typed', () => {
  expect(typedName('Revenue per day-ticket')).toBe('revenue_per_day_ticket')
  expect(typedName('2nd Größe!')).toBe('nd_gre')
})

test('a metric that is kept is written without what all names begin with', () => {
  const kept = { name: 'own_margin', formula: 'a / b', unit: '', about: '', direction: 'up' as const, decimals: 2 }
  const more = { text: null, owner: null, changed_at: null, version: 1, may_edit: true, problems: [] }
  expect(draftOf({ ...kept, ...more })).toEqual({ ...kept, name: 'margin' })
})
