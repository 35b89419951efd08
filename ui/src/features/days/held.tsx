import { Alert, Button, Stack, Text, Textarea } from '@mantine/core'
import { IconHandStop } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take, type Schema } from '@/api/client'
import { Confirm } from '@/parts/confirm'
import { saidIn } from '@/api/told'
import { tell } from '@/parts/notices'
import { When } from '@/parts/when'
import { useFormats, useTexts } from '@/texts'

interface HeldProps {
  stream: string
  day: string
  held: Schema['HeldOut']
}

/** Why a day waits for a person, what they can do about it, and their decision. */
export function Held({ stream, day, held }: HeldProps) {
  const texts = useTexts('days')
  const formats = useFormats()
  const [isAsking, setIsAsking] = useState(false)
  const { why, todo } = texts.heldFor[held.code] ?? texts.heldOther
  return (
    <Alert color="red" variant="outline" icon={<IconHandStop size={18} />} title={texts.heldTitle}>
      <Stack gap="xs">
        <Text size="sm">
          <b>{texts.heldWhy}:</b> {why}
        </Text>
        {held.detail !== null && (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {saidIn(texts.heldDetails, held.code, held.detail, formats)}
          </Text>
        )}
        <Text size="sm">
          <b>{texts.heldDo}:</b> {todo}
        </Text>
        <Text size="xs" c="dimmed">
          {held.code}
          {held.since && (
            <>
              {' '}
              · {texts.heldSince} <When at={held.since} />
            </>
          )}
        </Text>
        <div>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setIsAsking(true)
            }}
          >
            {texts.accept}
          </Button>
        </div>
      </Stack>
      {isAsking && (
        <Accept
          stream={stream}
          day={day}
          onClose={() => {
            setIsAsking(false)
          }}
        />
      )}
    </Alert>
  )
}

function Accept({ stream, day, onClose }: { stream: string; day: string; onClose: () => void }) {
  const texts = useTexts('days')
  const [reason, setReason] = useState('')
  const queries = useQueryClient()
  const accepting = useMutation({
    mutationFn: () =>
      take(
        client.POST('/v1/days/{stream}/{day}/accept', {
          params: { path: { stream, day } },
          body: { reason: reason.trim() },
        }),
      ),
    onSuccess: async () => {
      tell({ message: texts.accepted, tone: 'good' })
      onClose()
      await queries.invalidateQueries({ queryKey: ['days'] })
    },
  })
  return (
    <Confirm
      title={texts.acceptTitle}
      about={texts.acceptAbout}
      name={{ value: day, label: texts.acceptConfirm(day) }}
      submit={texts.acceptSubmit}
      isReady={reason.trim() !== ''}
      isPending={accepting.isPending}
      error={accepting.error}
      onSubmit={() => {
        accepting.mutate()
      }}
      onClose={onClose}
    >
      <Textarea
        label={texts.acceptReason}
        placeholder={texts.acceptReasonHint}
        required
        autosize
        minRows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => {
          setReason(event.currentTarget.value)
        }}
      />
    </Confirm>
  )
}
