import { Badge, Group } from '@mantine/core'
import { useTexts } from '@/texts'

const COLORS: Record<string, string> = { public: 'gray', personal: 'orange', secret: 'red' }
const ORDER = ['public', 'personal', 'secret']

/** How sensitive a field is, and what that means on a closer look. */
export function Sensitivity({ name }: { name: string }) {
  const texts = useTexts('streams')
  return (
    <Badge miw="max-content" color={COLORS[name] ?? 'gray'} title={texts.sensitivityAbout[name]}>
      {texts.sensitivities[name] ?? name}
    </Badge>
  )
}

/** How many fields are how sensitive. */
export function Sensitivities({ names }: { names: readonly string[] }) {
  const texts = useTexts('streams')
  const counted = ORDER.map((name) => [name, names.filter((one) => one === name).length] as const)
  return (
    <Group gap={4}>
      {counted
        .filter(([, count]) => count > 0)
        .map(([name, count]) => (
          <Badge miw="max-content" key={name} color={COLORS[name] ?? 'gray'} title={texts.sensitivityAbout[name]}>
            {`${count} ${texts.sensitivities[name] ?? name}`}
          </Badge>
        ))}
    </Group>
  )
}
