// What an owner changes about how the workspace answers: the smallest group shown, and the day weeks begin on.
import { Button, NumberInput, Select, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { client, take, type Schema } from '@/api/client'
import { Confirm } from '@/parts/confirm'
import { tell } from '@/parts/notices'
import { useTexts } from '@/texts'

type Change = Schema['Change']
type Weekday = NonNullable<Change['week_start']>

const MOST = 10_000

/** Lets another group size hold from now on, after saying what that shows or hides. */
export function ChangeK({ id, k }: { id: string; k: number }) {
  const texts = useTexts('settings')
  return <Asking label={texts.kChange}>{(onClose) => <AnotherK id={id} held={k} onClose={onClose} />}</Asking>
}

/** Lets weeks begin on another day. */
export function ChangeWeek({ id, day }: { id: string; day: string }) {
  const texts = useTexts('settings')
  return <Asking label={texts.weekChange}>{(onClose) => <AnotherDay id={id} held={day} onClose={onClose} />}</Asking>
}

function Asking({ label, children }: { label: string; children: (onClose: () => void) => ReactNode }) {
  const texts = useTexts('settings')
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <Button
        size="compact-sm"
        variant="light"
        aria-label={label}
        onClick={() => {
          setAsking(true)
        }}
      >
        {texts.change}
      </Button>
      {isAsking &&
        children(() => {
          setAsking(false)
        })}
    </>
  )
}

function AnotherK({ id, held, onClose }: { id: string; held: number; onClose: () => void }) {
  const texts = useTexts('settings')
  const [k, setK] = useState<number | null>(held)
  const changing = useChanging(id, onClose)
  const isLower = k !== null && k < held
  const isOther = k !== null && k !== held
  return (
    <Confirm
      title={texts.kChange}
      about={texts.kChangeAbout}
      submit={texts.kSubmit}
      isDanger={isLower}
      isReady={isOther}
      isPending={changing.isPending}
      error={changing.error}
      onSubmit={() => {
        changing.mutate({ k })
      }}
      onClose={onClose}
    >
      <NumberInput
        label={texts.k}
        min={1}
        max={MOST}
        allowDecimal={false}
        value={k ?? ''}
        data-autofocus
        onChange={(value) => {
          setK(typeof value === 'number' ? value : null)
        }}
      />
      <Text size="sm" c={isLower ? 'var(--mantine-color-error)' : undefined} role="status">
        {isOther && (isLower ? texts.kLower(k, held) : texts.kHigher(k, held))}
      </Text>
    </Confirm>
  )
}

function AnotherDay({ id, held, onClose }: { id: string; held: string; onClose: () => void }) {
  const texts = useTexts('settings')
  const [day, setDay] = useState(held)
  const changing = useChanging(id, onClose)
  return (
    <Confirm
      title={texts.weekChange}
      about={texts.weekChangeAbout}
      submit={texts.weekSubmit}
      isDanger={false}
      isReady={day !== held}
      isPending={changing.isPending}
      error={changing.error}
      onSubmit={() => {
        changing.mutate({ week_start: day as Weekday })
      }}
      onClose={onClose}
    >
      <Select
        label={texts.week}
        allowDeselect={false}
        data={Object.entries(texts.weekdays).map(([value, label]) => ({ value, label }))}
        value={day}
        onChange={(value) => {
          setDay(value ?? held)
        }}
      />
    </Confirm>
  )
}

/** Sends what shall hold, and looks at everything again that may be another by it. */
function useChanging(id: string, onClose: () => void) {
  const texts = useTexts('settings')
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Change) => take(client.PATCH('/v1/workspaces/{id}', { params: { path: { id } }, body })),
    onSuccess: async () => {
      tell({ message: texts.changed, tone: 'good' })
      onClose()
      await queries.invalidateQueries()
    },
  })
}
