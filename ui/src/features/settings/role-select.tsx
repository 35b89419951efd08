import { MultiSelect, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTexts } from '@/texts'
import { rolesQuery, type Role } from './queries'

interface RolesProps {
  value: string[]
  error: string | undefined
  onChange: (names: string[]) => void
}

/** Picks roles; what each is for stands below the field. */
export function RolesSelect({ value, error, onChange }: RolesProps) {
  const texts = useTexts('settings')
  const roles = useQuery(rolesQuery).data ?? []
  return (
    <MultiSelect
      label={texts.rolesHead}
      description={said(roles, value, texts.roleAbout)}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      required
      searchable
      data={roles.map(({ name }) => name)}
      value={value}
      error={error}
      onChange={onChange}
      comboboxProps={{ withinPortal: true }}
    />
  )
}

interface RoleProps {
  value: string | null
  error: string | undefined
  onChange: (name: string | null) => void
}

/** Picks the one role of a token. */
export function RoleSelect({ value, error, onChange }: RoleProps) {
  const texts = useTexts('settings')
  const roles = useQuery(rolesQuery).data ?? []
  return (
    <Select
      label={texts.role}
      description={value ? said(roles, [value], texts.roleAbout) : undefined}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      required
      data={roles.map(({ name }) => name)}
      value={value}
      error={error}
      onChange={onChange}
    />
  )
}

function said(roles: readonly Role[], chosen: readonly string[], about: Readonly<Record<string, string>>): string {
  return roles
    .filter(({ name }) => chosen.includes(name))
    .map((role) => `${role.name}: ${about[role.name] ?? role.about}`)
    .join(' ')
}
