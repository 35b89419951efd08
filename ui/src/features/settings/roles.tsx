import { Badge, Group, List, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Card } from '@/parts/card'
import { Loaded } from '@/parts/loaded'
import { useTexts } from '@/texts'
import { rolesQuery, type Role } from './queries'
import { RoleBadges } from './role-badges'

/** The roles that the workspace has: what each may do, and what it is shown. */
export function Roles() {
  const texts = useTexts('settings')
  const roles = useQuery(rolesQuery)
  return (
    <Stack>
      <Text size="sm" c="dimmed" maw={760}>
        {texts.rolesAbout}
      </Text>
      <Loaded query={roles} height={480}>
        {(found) => (
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            {found.map((role) => (
              <RoleCard key={role.name} role={role} />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
    </Stack>
  )
}

function RoleCard({ role }: { role: Role }) {
  const texts = useTexts('settings')
  const { includes, permissions, grants } = {
    includes: role.includes ?? [],
    permissions: role.permissions ?? [],
    grants: role.grants ?? [],
  }
  return (
    <Card title={role.name} about={texts.roleAbout[role.name] ?? role.about}>
      <Stack gap="md">
        {includes.length > 0 && (
          <Group gap="xs">
            <Text size="sm" c="dimmed">
              {texts.includes}
            </Text>
            <RoleBadges names={includes} />
          </Group>
        )}
        <div>
          <Text size="sm" fw={550} mb={4}>
            {texts.mayDo}
          </Text>
          {permissions.length === 0 && (
            <Text size="sm" c="dimmed">
              {texts.mayNothing}
            </Text>
          )}
          <List size="sm" spacing={2}>
            {permissions.map((permission) => (
              <List.Item key={permission}>{texts.permissions[permission] ?? permission}</List.Item>
            ))}
          </List>
        </div>
        {grants.length > 0 && (
          <div>
            <Text size="sm" fw={550} mb={4}>
              {texts.isShown}
            </Text>
            <List size="sm" spacing={2}>
              {grants.map((grant) => (
                <List.Item key={`${grant.on} ${grant.level}`}>
                  <GrantLine grant={grant} />
                </List.Item>
              ))}
            </List>
          </div>
        )}
      </Stack>
    </Card>
  )
}

function GrantLine({ grant }: { grant: NonNullable<Role['grants']>[number] }) {
  const texts = useTexts('settings')
  return (
    <Group gap={6} component="span">
      <Text span inherit>
        {grantedTo(grant.on, texts)}
      </Text>
      <Badge miw="max-content" color="gray">
        {reached(grant.reach, texts)}
      </Badge>
      <Badge miw="max-content" color="gray">
        {texts.levels[grant.level] ?? grant.level}
      </Badge>
    </Group>
  )
}

type Words = ReturnType<typeof useTexts<'settings'>>

function grantedTo(on: string, texts: Words): string {
  if (on === '*') return texts.everything
  const [kind = '', name = ''] = on.split(':')
  return name === '*' ? (texts.allOf[kind] ?? on) : `${texts.oneOf[kind] ?? kind} ${name}`
}

function reached(reach: string, texts: Words): string {
  const days = /^last (\d+) days$/.exec(reach)?.[1]
  return days === undefined ? (texts.reaches[reach] ?? reach) : texts.lastDays(days)
}
