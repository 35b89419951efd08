import { Badge, Group } from '@mantine/core'

/** The roles that somebody has. */
export function RoleBadges({ names }: { names: readonly string[] }) {
  return (
    <Group gap={4}>
      {names.map((name) => (
        <Badge miw="max-content" key={name}>
          {name}
        </Badge>
      ))}
    </Group>
  )
}
