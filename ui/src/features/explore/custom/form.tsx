// Writes a metric: its formula, checked while one types, tried over the last days, named and kept.
import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState, type ReactNode } from 'react'
import type { Schema } from '@/api/client'
import { Problem } from '@/api/problem'
import { Card } from '@/parts/card'
import { tell } from '@/parts/notices'
import { Refused, useRefusal } from '@/parts/refused'
import { useSaying } from '@/parts/state'
import { catalogQuery } from '@/questions/ask'
import { useTexts } from '@/texts'
import { OWN, metricName } from '../metrics'
import { vocabularyOf } from './complete'
import { Conflict } from './conflict'
import classes from './custom.module.css'
import { draftOf, typedName } from './draft'
import { FormulaField } from './formulafield'
import { Preview } from './preview'
import { change as changed, checkQuery, make, type Direction, type Written } from './queries'

const FIELDS = { BAD_NAME: 'name', METRIC_TAKEN: 'name', FORMULA_REFUSED: 'formula' } as const

interface MetricFormProps {
  first: Written
  /** Which version that is; none of a new metric. */
  version: number | null
  /** What stands at the left below the form: the way to delete it. */
  aside?: ReactNode
}

/** The form, and beside it what the formula gives. */
export function MetricForm({ first, version: firstVersion, aside }: MetricFormProps) {
  const isNew = firstVersion === null
  const [draft, setDraft] = useState(first)
  const [version, setVersion] = useState(firstVersion)
  const change = (part: Partial<Written>) => {
    setDraft({ ...draft, ...part })
  }
  const saving = useSaving()
  const conflict = conflictOf(saving.error)
  const { at, rest } = useRefusal(conflict === null ? saving.error : null, FIELDS)
  const checked = useChecked(draft)
  const saying = useSaying()
  const wrong = checked.problem && {
    ...checked.problem,
    message: saying(checked.problem.code, checked.problem.message),
  }
  return (
    <form
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault()
        // TRICKY: the dialog that deletes is a form of its own; what it submits comes by here, too.
        if (event.target === event.currentTarget) saving.mutate({ draft, version })
      }}
    >
      <Card>
        <Stack gap="md">
          <Formula draft={draft} change={change} problem={wrong ?? refusalOf(at('formula'))} />
          <Meaning draft={draft} change={change} isNew={isNew} nameError={at('name')} unit={checked.unit} />
          <Refused said={rest} />
          <Buttons
            isNew={isNew}
            isPending={saving.isPending}
            isReady={checked.isOk && draft.name !== ''}
            aside={aside}
          />
        </Stack>
      </Card>
      <Preview draft={draft} isOk={checked.isOk} text={checked.text} />
      {conflict !== null && (
        <Conflict
          problem={conflict}
          mine={draft}
          isPending={saving.isPending}
          onTake={(theirs) => {
            setDraft(draftOf(theirs))
            setVersion(theirs.version)
            saving.reset()
          }}
          onKeep={(now) => {
            setVersion(now)
            saving.mutate({ draft, version: now })
          }}
          onClose={saving.reset}
        />
      )}
    </form>
  )
}

interface ButtonsProps {
  isNew: boolean
  isPending: boolean
  isReady: boolean
  aside: ReactNode
}

function Buttons({ isNew, isPending, isReady, aside }: ButtonsProps) {
  const parts = useTexts('parts')
  const texts = useTexts('custom')
  const navigate = useNavigate()
  return (
    <Group justify="space-between" gap="xs">
      <div>{aside}</div>
      <Group gap="xs">
        <Button variant="default" onClick={() => void navigate({ to: '/explore/metrics' })}>
          {parts.cancel}
        </Button>
        <Button type="submit" loading={isPending} disabled={!isReady}>
          {isNew ? texts.make : parts.save}
        </Button>
      </Group>
    </Group>
  )
}

/** Gives what the server said where somebody changed the metric meanwhile. */
function conflictOf(error: unknown): Problem | null {
  return error instanceof Problem && error.code === 'METRIC_CHANGED' ? error : null
}

function useSaving() {
  const texts = useTexts('custom')
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: ({ draft, version }: { draft: Written; version: number | null }) =>
      version === null ? make(draft) : changed(draft, version),
    onSuccess: async (kept) => {
      await queries.invalidateQueries({ queryKey: ['metrics'] })
      tell({ message: texts.kept(metricName(kept.name)) })
      await navigate({ to: '/explore/metrics' })
    },
  })
}

/** What the server says of the formula, a moment after the last letter. */
function useChecked({ formula, unit }: Written) {
  const [asked] = useDebouncedValue(formula, 250)
  const isAsked = asked.trim() !== ''
  const found = useQuery({ ...checkQuery(asked, unit), enabled: isAsked })
  const data = isAsked ? found.data : undefined
  // What is still being typed is not told to be wrong.
  return asked === formula && !found.isPlaceholderData ? judged(data) : { ...judged(data), isOk: false, problem: null }
}

function judged(data: Schema['CheckedOut'] | undefined) {
  if (data === undefined) return { isOk: false, text: null, unit: '', problem: null }
  return { isOk: data.ok, text: data.ok ? data.text : null, unit: data.unit ?? '', problem: data.problems[0] ?? null }
}

function refusalOf(said: string | undefined): { at: number; message: string } | null {
  return said === undefined ? null : { at: 0, message: said }
}

interface PartProps {
  draft: Written
  change: (part: Partial<Written>) => void
}

function Formula({ draft, change, problem }: PartProps & { problem: { at: number; message: string } | null }) {
  const catalog = useQuery(catalogQuery).data
  const vocabulary = useMemo(() => (catalog === undefined ? [] : vocabularyOf(catalog)), [catalog])
  return (
    <FormulaField
      formula={draft.formula}
      vocabulary={vocabulary}
      problem={problem}
      onFormula={(formula) => {
        change({ formula })
      }}
    />
  )
}

function Meaning({
  draft,
  change,
  isNew,
  nameError,
  unit,
}: PartProps & { isNew: boolean; nameError: string | undefined; unit: string }) {
  const texts = useTexts('custom')
  return (
    <>
      <TextInput
        label={texts.name}
        description={isNew ? texts.nameHint : texts.nameStays}
        required
        disabled={!isNew}
        value={draft.name}
        error={nameError}
        leftSection={
          <Text size="sm" c="dimmed" ff="monospace">
            {OWN}
          </Text>
        }
        leftSectionWidth={52}
        onChange={(event) => {
          change({ name: typedName(event.currentTarget.value) })
        }}
      />
      <Textarea
        label={texts.about}
        description={texts.aboutHint}
        autosize
        maxLength={500}
        value={draft.about}
        onChange={(event) => {
          change({ about: event.currentTarget.value })
        }}
      />
      <Measured draft={draft} change={change} unit={unit} />
    </>
  )
}

function Measured({ draft, change, unit }: PartProps & { unit: string }) {
  const texts = useTexts('custom')
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm" verticalSpacing="sm">
      <TextInput
        label={texts.unit}
        placeholder={unit === '' ? texts.noUnit : unit}
        maxLength={20}
        value={draft.unit}
        onChange={(event) => {
          change({ unit: event.currentTarget.value })
        }}
      />
      <NumberInput
        label={texts.decimals}
        min={0}
        max={12}
        allowDecimal={false}
        value={draft.decimals}
        onChange={(decimals) => {
          if (typeof decimals === 'number') change({ decimals })
        }}
      />
      <Select
        label={texts.direction}
        allowDeselect={false}
        data={Object.entries(texts.directions).map(([value, label]) => ({ value, label }))}
        value={draft.direction}
        onChange={(direction) => {
          change({ direction: (direction ?? 'up') as Direction })
        }}
      />
    </SimpleGrid>
  )
}
