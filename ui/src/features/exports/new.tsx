// Asks for an export: which dataset, over which days, which values of its filters, as which kind of file.
import { Alert, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconFileOff } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo, useState, type ReactNode } from 'react'
import { client, take } from '@/api/client'
import { Card } from '@/parts/card'
import { ButtonLink, TextLink } from '@/parts/link'
import { Loaded } from '@/parts/loaded'
import { Page } from '@/parts/page'
import { Refused } from '@/parts/refused'
import { Empty } from '@/parts/state'
import { useMetrics } from '@/questions/ask'
import { useHere } from '@/questions/here'
import { daysBetween, rangeText } from '@/questions/range'
import { RangePicker } from '@/questions/rangepicker'
import { useFormats, useTexts } from '@/texts'
import { DatasetField } from './dataset'
import { draftOf, fitting, isRight, orderOf, type Draft, type Where } from './draft'
import { Filters } from './filters'
import { datasetsQuery, type Datasets } from './queries'
import { FORMATS, type OrderSearch } from './search'
import { useDays, useRefusalText } from './words'

const route = getRouteApi('/inside/exports/new')

/** The page on which an export is asked for; its address holds all of it, except whom it is about. */
export function NewExportPage() {
  const texts = useTexts('exports')
  const datasets = useQuery(datasetsQuery)
  return (
    <Page title={texts.newTitle} about={texts.newAbout} width="text">
      <Loaded query={datasets} height={480}>
        {(told) => <Form told={told} />}
      </Loaded>
    </Page>
  )
}

function Form({ told }: { told: Datasets }) {
  const texts = useTexts('exports')
  const search = route.useSearch()
  const metrics = useMetrics()
  const here = useHere()
  const [people, setPeople] = useState<Where>({})
  const go = useGo()
  const draft = useMemo(() => draftOf(search, people, { told, here, metrics }), [search, people, told, here, metrics])
  const fits = useMemo(() => fitting(search.metrics ?? [], told.datasets, metrics), [search.metrics, told, metrics])
  const { ask, said, isAsking } = useAsking()
  if (draft === null) {
    return (
      <Card>
        <Empty title={texts.nothing} about={texts.nothingAbout} icon={IconFileOff}>
          <ButtonLink to="/explore" variant="default" size="xs">
            {texts.backToExplore}
          </ButtonLink>
        </Empty>
      </Card>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        // TRICKY: the form in the picker of days lies elsewhere in the page, but React lets its events through to here.
        if (event.target === event.currentTarget && isRight(draft)) ask(draft)
      }}
    >
      <Stack>
        {search.metrics && fits.length === 0 && metrics.size > 0 && <NoFit search={search} />}
        <Card>
          <Stack gap="lg">
            <DatasetField chosen={draft.dataset} datasets={told.datasets} fits={fits} onDataset={go} />
            <Days draft={draft} most={told.most_days} onRange={go} />
            <Filters {...{ draft, search, metrics, go }} onPeople={setPeople} />
            <FormatField draft={draft} onFormat={go} />
          </Stack>
        </Card>
        <Limits told={told} />
        <Refused said={said} />
        <Group justify="flex-end">
          <Button type="submit" loading={isAsking} disabled={!isRight(draft)}>
            {texts.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function useGo(): (part: OrderSearch) => void {
  const navigate = route.useNavigate()
  return (part) => {
    void navigate({ search: (now) => ({ ...now, ...part }), replace: true, resetScroll: false })
  }
}

function useAsking() {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const told = useRefusalText()
  const asking = useMutation({
    mutationFn: (draft: Draft) => take(client.POST('/v1/exports', { body: orderOf(draft) })),
    onSuccess: async (made) => {
      queries.setQueryData(['exports', made.id], made)
      await queries.invalidateQueries({ queryKey: ['exports'], exact: true })
      await navigate({ to: '/exports/$id', params: { id: made.id } })
    },
  })
  return {
    ask: asking.mutate,
    isAsking: asking.isPending,
    said: asking.error === null ? null : told(asking.error),
  }
}

function NoFit({ search: { metrics, range, where } }: { search: OrderSearch }) {
  const texts = useTexts('exports')
  return (
    <Alert color="yellow" title={texts.noFit}>
      {texts.noFitAbout}{' '}
      <TextLink to="/explore" search={{ metrics, range, where }} size="sm" underline="always">
        {texts.backToExplore}
      </TextLink>
    </Alert>
  )
}

interface DaysProps {
  draft: Draft
  most: number
  onRange: (part: OrderSearch) => void
}

function Days({ draft: { dataset, range, dates, fault }, most, onRange }: DaysProps) {
  const texts = useTexts('exports')
  const answers = useTexts('answers')
  const formats = useFormats()
  const here = useHere()
  const told = useDays()
  const said = useFaultText(most)
  return (
    <Labelled name={texts.range}>
      <Stack gap={6} align="flex-start">
        <RangePicker
          range={range}
          here={here}
          compare={false}
          onRange={(next) => {
            onRange({ range: rangeText(next) })
          }}
        />
        <Text size="xs" c="dimmed">
          {texts.rangeShown(told(dates), answers.days(daysBetween(dates)))}
          {fault === null && dataset.purged_to !== null && ` · ${texts.deletedTo(formats.date(dataset.purged_to))}`}
        </Text>
        {fault !== null && (
          <div role="alert">
            <Text size="sm" c="red">
              {said(fault)}
            </Text>
            {fault.instead !== null && (
              <Button
                mt={6}
                size="compact-sm"
                variant="light"
                onClick={() => {
                  onRange({ range: fault.instead === null ? undefined : rangeText(fault.instead) })
                }}
              >
                {texts.instead(answers.fromTo(formats.date(fault.instead.from), formats.date(fault.instead.to)))}
              </Button>
            )}
          </div>
        )}
      </Stack>
    </Labelled>
  )
}

function useFaultText(most: number): (fault: NonNullable<Draft['fault']>) => string {
  const texts = useTexts('exports')
  const formats = useFormats()
  return ({ why, about }) =>
    why === 'TOO_LONG'
      ? texts.faults.TOO_LONG(formats.count(Number(about)), formats.count(most))
      : texts.faults[why](formats.date(String(about)))
}

function FormatField({ draft: { format }, onFormat }: { draft: Draft; onFormat: (part: OrderSearch) => void }) {
  const texts = useTexts('exports')
  return (
    <Labelled name={texts.format}>
      <SegmentedControl
        fullWidth
        aria-label={texts.format}
        data={FORMATS.map((one) => ({ value: one, label: texts.formats[one] }))}
        value={format}
        onChange={(next) => {
          onFormat({ format: next })
        }}
      />
      <Text size="xs" c="dimmed" mt={6}>
        {texts.formatAbout[format]}
      </Text>
    </Labelled>
  )
}

function Limits({ told }: { told: Datasets }) {
  const texts = useTexts('exports')
  const formats = useFormats()
  return (
    <Text size="sm" c="dimmed">
      {texts.limitsAbout(formats.count(told.most_rows), formats.count(told.most_days))} {texts.lasts}
    </Text>
  )
}

/** A part of the form under its name. */
function Labelled({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div role="group" aria-label={name}>
      <Text size="sm" fw={500} mb={4} aria-hidden>
        {name}
      </Text>
      {children}
    </div>
  )
}
