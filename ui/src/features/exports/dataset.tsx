// Which dataset is exported, and what its file will have.
import { Badge, Code, Group, Select, Stack, Text } from '@mantine/core'
import { humanised } from '@/answer/numbers'
import { useFormats, useTexts } from '@/texts'
import type { Dataset } from './queries'
import type { OrderSearch } from './search'

const MANY = 8

interface DatasetFieldProps {
  chosen: Dataset
  datasets: readonly Dataset[]
  /** Those that have what somebody looked at before. */
  fits: readonly Dataset[]
  onDataset: (part: OrderSearch) => void
}

/** Picks a dataset, and says what it is. */
export function DatasetField({ chosen, datasets, fits, onDataset }: DatasetFieldProps) {
  const texts = useTexts('exports')
  const items = (some: readonly Dataset[]) => some.map(({ name }) => ({ value: name, label: humanised(name) }))
  const others = datasets.filter((one) => !fits.includes(one))
  const grouped = [
    { group: texts.fits, items: items(fits) },
    { group: texts.others, items: items(others) },
  ].filter((one) => one.items.length > 0)
  return (
    <Stack gap="xs">
      <Select
        label={texts.dataset}
        allowDeselect={false}
        searchable={datasets.length > MANY}
        data={fits.length === 0 ? items(datasets) : grouped}
        value={chosen.name}
        onChange={(name) => {
          onDataset({ dataset: name ?? undefined })
        }}
      />
      <Has dataset={chosen} />
    </Stack>
  )
}

function Has({ dataset }: { dataset: Dataset }) {
  const texts = useTexts('exports')
  const formats = useFormats()
  const { about, stream, grain, columns, personal } = dataset
  const kind = stream === null ? texts.kinds.per[grain as keyof typeof texts.kinds.per] : texts.kinds.records(stream)
  const missing = personal.filter((name) => !columns.includes(name))
  return (
    <Stack gap={6}>
      <Group gap={8}>
        <Badge miw="max-content" color="gray">
          {kind}
        </Badge>
        <Text size="sm" c="dimmed">
          {about}
        </Text>
      </Group>
      <Group gap={6} role="group" aria-label={texts.fileHas}>
        <Text size="xs" c="dimmed" aria-hidden>
          {texts.fileHas}:
        </Text>
        {columns.map((name) => (
          <Code key={name}>
            {name}
            {personal.includes(name) && ` (${texts.personal})`}
          </Code>
        ))}
      </Group>
      {missing.length > 0 && (
        <Text size="xs" c="dimmed">
          {texts.leftOut(formats.list(missing))}
        </Text>
      )}
    </Stack>
  )
}
