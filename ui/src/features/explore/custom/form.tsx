// Writes a metric: its formula, checked while one types, tried over the last days, named and kept.
import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Schema } from '@/api/client'
import { Card } from '@/parts/card'
import { tell } from '@/parts/notices'
import { Refused, useRefusal } from '@/parts/refused'
import { useSaying } from '@/parts/state'
import { catalogQuery } from '@/questions/ask'
import { useTexts } from '@/texts'
import { OWN, metricName } from '../metrics'
import { vocabularyOf } from './complete'
import classes from './custom.module.css'
import { typedName } from './draft'
import { FormulaField } from './formulafield'
import { Preview } from './preview'
import { checkQuery, keep, type Direction, type Written } from './queries'

const FIELDS = { BAD_NAME: 'name', METRIC_TAKEN: 'name', FORMULA_REFUSED: 'formula' } as const

interface MetricFormProps {
  first: Written
  isNew: boolean
  /** What stands at the left below the form: the way to delete it. */
  aside?: React.ReactNode
}

/** The form, and beside it what the formula gives. */
export function MetricForm({ first, isNew, aside }: MetricFormProps) {
  const parts = useTexts('parts')
  const texts = useTexts('custom')
  const navigate = useNavigate()
  const [draft, setDraft] = useState(first)
  const change = (part: Partial<Written>) => {
    setDraft({ ...draft, ...part })
  }
  const saving = useSaving(isNew)
  const { at, rest } = useRefusal(saving.error, FIELDS)
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
        if (event.target === event.currentTarget) saving.mutate(draft)
      }}
    >
      <Card>
        <Stack gap="md">
          <Formula draft={draft} change={change} problem={wrong ?? refusalOf(at('formula'))} />
          <Meaning draft={draft} change={change} isNew={isNew} nameError={at('name')} unit={checked.unit} />
          <Refused said={rest} />
          <Group justify="space-between" gap="xs">
            <div>{aside}</div>
            <Group gap="xs">
              <Button variant="default" onClick={() => void navigate({ to: '/explore/metrics' })}>
                {parts.cancel}
              </Button>
              <Button type="submit" loading={saving.isPending} disabled={!checked.isOk || draft.name === ''}>
                {isNew ? texts.make : parts.save}
              </Button>
            </Group>
          </Group>
        </Stack>
      </Card>
      <Preview draft={draft} isOk={checked.isOk} text={checked.text} />
    </form>
  )
}

function useSaving(isNew: boolean) {
  const texts = useTexts('custom')
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (draft: Written) => keep(isNew ? draft : { ...draft, name: OWN + draft.name }, isNew),
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
