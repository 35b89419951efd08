import { Badge, Code, Table, Text } from '@mantine/core'
import type { Schema } from '@/api/client'
import { Card } from '@/parts/card'
import { WideTable } from '@/parts/wide'
import { useTexts } from '@/texts'
import type { StreamDetail } from './queries'
import { Sensitivity } from './sensitivity'

/** What a record consists of, and how sensitive each part is, in plain words. */
export function Fields({ stream }: { stream: StreamDetail }) {
  const texts = useTexts('streams')
  return (
    <Card title={texts.fields} about={texts.fieldsAbout} flush>
      <WideTable least={680} head={[texts.field, texts.kind, texts.sensitivity, texts.about]}>
        <Implicit name={stream.time} kind={texts.time} about={texts.timeAbout} />
        <Implicit name={stream.key} kind={texts.key} about={texts.keyAbout} />
        {stream.subject !== null && (
          <Implicit name={stream.subject} kind={texts.subject} about={texts.subjectAbout} sensitivity="personal" />
        )}
        {stream.fields.map((field) => (
          <FieldRow key={field.name} field={field} />
        ))}
      </WideTable>
    </Card>
  )
}

function Implicit({
  name,
  kind,
  about,
  sensitivity,
}: {
  name: string
  kind: string
  about: string
  sensitivity?: string
}) {
  return (
    <Table.Tr>
      <Table.Td>
        <Code>{name}</Code>
      </Table.Td>
      <Table.Td>{kind}</Table.Td>
      <Table.Td>{sensitivity && <Sensitivity name={sensitivity} />}</Table.Td>
      <Table.Td>
        <Text size="sm" c="dimmed">
          {about}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}

function FieldRow({ field }: { field: Schema['FieldOut'] }) {
  const texts = useTexts('streams')
  return (
    <Table.Tr style={{ verticalAlign: 'top' }}>
      <Table.Td>
        <Code>{field.name}</Code>
      </Table.Td>
      <Table.Td>
        {texts.kinds[field.kind] ?? field.kind}
        {field.unit !== null && <Text span size="sm" c="dimmed">{` · ${field.unit}`}</Text>}
        {field.required && (
          <Badge miw="max-content" ml={6} color="gray">
            {texts.required}
          </Badge>
        )}
      </Table.Td>
      <Table.Td>
        <Sensitivity name={field.sensitivity} />
        <Text size="xs" c="dimmed" mt={2} maw={260}>
          {texts.sensitivityAbout[field.sensitivity]}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{field.about}</Text>
        {field.choices && (
          <Text size="xs" c="dimmed">
            {texts.oneOf(field.choices.join(', '))}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
