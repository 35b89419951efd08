import { Badge, Button, Table, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take, type Schema } from '@/api/client'
import { useMay } from '@/api/session'
import { Card } from '@/parts/card'
import { Confirm } from '@/parts/confirm'
import { Loaded } from '@/parts/loaded'
import { tell } from '@/parts/notices'
import { When } from '@/parts/when'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { complianceQuery, switchQuery } from './queries'

type Line = Schema['StreamComplianceOut']

/** For which streams records are deleted in time, and what switches it where that takes a person. */
export function Switches() {
  const texts = useTexts('days')
  const compliance = useQuery(complianceQuery)
  const head = [texts.stream, texts.retention, texts.oldestOf, texts.pastDeadline, texts.tabDeletion]
  return (
    <Card title={texts.switchTitle} about={texts.switchAbout} flush>
      <Loaded query={compliance} height={160}>
        {({ streams }) => (
          <WideTable least={640} head={head}>
            {streams.map((line) => (
              <StreamLine key={line.stream} line={line} />
            ))}
          </WideTable>
        )}
      </Loaded>
    </Card>
  )
}

function StreamLine({ line }: { line: Line }) {
  const texts = useTexts('days')
  const parts = useTexts('parts')
  const formats = useFormats()
  const days = line.retention_days
  return (
    <Table.Tr>
      <Table.Td fw={550}>{line.stream}</Table.Td>
      <Table.Td>{days === null ? texts.forever : parts.days(days, formats.count(days))}</Table.Td>
      <Table.Td>{line.oldest_personal === null ? texts.noPersonal : formats.weekday(line.oldest_personal)}</Table.Td>
      <Table.Td c={line.past_deadline > 0 ? 'red' : undefined}>{formats.count(line.past_deadline)}</Table.Td>
      <Table.Td>
        {line.attached ? (
          <Switch stream={line.stream} />
        ) : (
          <Badge miw="max-content" color="green">
            {texts.byItself}
          </Badge>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function Switch({ stream }: { stream: string }) {
  const texts = useTexts('days')
  const mayDelete = useMay('delete')
  const found = useQuery(switchQuery(stream)).data
  const [isAsking, setIsAsking] = useState(false)
  if (found === undefined) return null
  const isOn = found.purge === 'on'
  return (
    <>
      <Badge miw="max-content" color={isOn ? 'green' : 'orange'}>
        {isOn ? texts.deletionOn : texts.switchedOff}
      </Badge>
      {found.since !== null && (
        <Text size="xs" c="dimmed">
          <When at={found.since} />
        </Text>
      )}
      {mayDelete && (
        <Button
          size="compact-sm"
          variant="default"
          ml="xs"
          onClick={() => {
            setIsAsking(true)
          }}
        >
          {isOn ? texts.turnOff : texts.turnOn}
        </Button>
      )}
      {isAsking && (
        <Turn
          stream={stream}
          isOn={isOn}
          along={found.along}
          onClose={() => {
            setIsAsking(false)
          }}
        />
      )}
    </>
  )
}

interface TurnProps {
  stream: string
  isOn: boolean
  along: readonly string[]
  onClose: () => void
}

function Turn({ stream, isOn, along, onClose }: TurnProps) {
  const texts = useTexts('days')
  const formats = useFormats()
  const queries = useQueryClient()
  const turning = useMutation({
    mutationFn: () =>
      take(client.PUT('/v1/purge/{stream}', { params: { path: { stream } }, body: { purge: isOn ? 'off' : 'on' } })),
    onSuccess: async () => {
      tell({ message: texts.turned(stream), tone: 'good' })
      onClose()
      await queries.invalidateQueries({ queryKey: ['days'] })
    },
  })
  const with_ = along.length > 0 ? ` ${texts.alongWith(formats.list(along))}` : ''
  return (
    <Confirm
      title={isOn ? texts.turnOffTitle(stream) : texts.turnOnTitle(stream)}
      about={`${isOn ? texts.turnOffAbout : texts.turnOnAbout}${isOn ? '' : with_}`}
      name={{ value: stream, label: texts.turnConfirm(stream) }}
      submit={isOn ? texts.turnOff : texts.turnOn}
      isDanger={!isOn}
      isPending={turning.isPending}
      error={turning.error}
      onSubmit={() => {
        turning.mutate()
      }}
      onClose={onClose}
    />
  )
}
