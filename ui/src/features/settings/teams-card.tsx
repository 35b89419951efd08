import { Autocomplete, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Card } from '@/parts/card'
import { TextLink } from '@/parts/link'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { peopleQuery, rolesQuery, type Person } from './queries'
import { rolesOfTeams, teamsOf } from './teams'

/** The teams that people are of, and what that lets them see. */
export function Teams({ people }: { people: readonly Person[] }) {
  const texts = useTexts('settings')
  const formats = useFormats()
  const roles = useQuery({ ...rolesQuery, select: rolesOfTeams }).data
  const teams = teamsOf(people)
  const about = (
    <Stack gap={2} component="span">
      <span>{texts.teamsAbout}</span>
      {roles && <span>{roles.length === 0 ? texts.noTeamRoles : texts.teamRoles(formats.list(roles))}</span>}
    </Stack>
  )
  return (
    <Card title={texts.teams} about={about} flush={teams.length > 0}>
      {teams.length === 0 ? (
        <Text size="sm">{texts.noTeams}</Text>
      ) : (
        <WideTable least={420} head={[texts.team, texts.members]}>
          {teams.map(({ name, members }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={550}>
                {name}
              </Table.Th>
              <Table.Td>
                {members.map((one) => (
                  <Group key={one.id} gap={6}>
                    <Text size="sm">{one.name}</Text>
                    <Text size="xs" c="dimmed">
                      {one.actor ?? texts.noActor}
                    </Text>
                  </Group>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </WideTable>
      )}
      <Text size="xs" c="dimmed" p={teams.length > 0 ? 'md' : 0} pt="sm">
        <TextLink to="/settings/roles" size="xs" underline="always">
          {texts.teamsWhere}
        </TextLink>
      </Text>
    </Card>
  )
}

/** Picks the team of a member: one that others are of, or a new name. */
export function TeamField({ value, onChange }: { value: string; onChange: (team: string) => void }) {
  const texts = useTexts('settings')
  const teams = teamsOf(useQuery(peopleQuery).data ?? [])
  return (
    <Autocomplete
      label={texts.team}
      description={texts.teamAbout}
      data={teams.map(({ name }) => name)}
      value={value}
      onChange={onChange}
    />
  )
}
