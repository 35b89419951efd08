// A card: one figure, how it moved, and its course.
import { Group, Stack, Text } from '@mantine/core'
import { IconArrowDownRight, IconArrowUpRight, IconMinus, type Icon } from '@tabler/icons-react'
import { useMemo } from 'react'
import type { Answer } from '@/answer/answer'
import { carriesUnit, change, figure, humanised, signedShare } from '@/answer/numbers'
import { plotOf, totalOf } from '@/answer/series'
import { Chart } from '@/charts/chart'
import type { Words } from '@/charts/picture'
import { useMetrics } from '@/questions/ask'
import { useFormats, useTexts } from '@/texts'
import classes from './boards.module.css'

/** The figure of the first metric, large; the others below it. */
export function Figure({ answer, words, title }: { answer: Answer; words: Words; title: string }) {
  const names = answer.columns.filter((column) => column.kind === 'metric').map((column) => column.name)
  return (
    <div className={classes['figure']}>
      <div>
        <One answer={answer} metric={names[0] ?? ''} />
        {names.length > 1 && (
          <Stack gap={2} mt={6}>
            {names.slice(1).map((name) => (
              <Small key={name} answer={answer} metric={name} />
            ))}
          </Stack>
        )}
      </div>
      <Course answer={answer} words={words} title={title} />
    </div>
  )
}

/** The course of the first metric, drawn anew only with another answer. */
function Course({ answer, words, title }: { answer: Answer; words: Words; title: string }) {
  const sparkline = useMemo(() => {
    const plot = plotOf(answer)
    const first = plot.series.filter(({ of }) => of === 'metric').slice(0, 1)
    return { kind: 'sparkline' as const, plot: { ...plot, series: first }, words, small: true }
  }, [answer, words])
  const { kind, values } = sparkline.plot.axis
  if (kind !== 'time' || values.length < 2) return null
  return (
    <div className={classes['sparkline']}>
      <Chart picture={sparkline} label={title} />
    </div>
  )
}

function One({ answer, metric }: { answer: Answer; metric: string }) {
  const texts = useTexts('answers')
  const { locale } = useFormats()
  const column = answer.columns.find((one) => one.name === metric)
  if (column === undefined) return null
  const now = totalOf(answer, metric)
  const error = totalOf(answer, metric, 'error')
  const isCompared = answer.columns.some((one) => one.kind === 'comparison')
  return (
    <>
      <Group gap={8} align="baseline" wrap="wrap">
        <Text component="span" className={classes['large'] ?? ''}>
          {now === null ? texts.missing : figure(now, column, locale)}
        </Text>
        {now !== null && !carriesUnit(column.unit) && (
          <Text component="span" c="dimmed" size="sm">
            {column.unit}
          </Text>
        )}
        {error !== null && (
          <Text component="span" c="dimmed" size="sm">
            ± {figure(error, { ...column, unit: '' }, locale)}
          </Text>
        )}
      </Group>
      {isCompared && <Change answer={answer} metric={metric} />}
    </>
  )
}

/** How a figure moved: said in words, marked by an arrow, coloured by whether more is better. */
function Change({ answer, metric }: { answer: Answer; metric: string }) {
  const texts = useTexts('answers')
  const { locale } = useFormats()
  const direction = useMetrics().get(metric)?.direction ?? 'none'
  const before = totalOf(answer, metric, 'comparison')
  const moved = change(totalOf(answer, metric), before)
  const column = answer.columns.find((one) => one.name === metric)
  if (moved === null || column === undefined)
    return (
      <Text size="sm" c="dimmed">
        {texts.nothingBefore}
      </Text>
    )
  const Mark = ARROWS[Math.sign(moved)] ?? IconMinus
  const written = signedShare(moved, locale)
  return (
    <Text
      size="sm"
      c={colorOf(moved, direction)}
      component="div"
      title={texts.change(written)}
      className={classes['change'] ?? ''}
    >
      <Mark size={15} aria-hidden />
      <span>{written}</span>
      <Text span size="sm" c="dimmed">
        {texts.beforeWas(figure(before, column, locale))}
      </Text>
    </Text>
  )
}

const ARROWS: Partial<Record<number, Icon>> = { 1: IconArrowUpRight, [-1]: IconArrowDownRight }

function colorOf(moved: number, direction: string): string {
  if (moved === 0 || direction === 'none') return 'dimmed'
  return moved > 0 === (direction === 'up') ? 'var(--mantine-color-green-text)' : 'var(--mantine-color-red-text)'
}

function Small({ answer, metric }: { answer: Answer; metric: string }) {
  const texts = useTexts('answers')
  const { locale } = useFormats()
  const column = answer.columns.find((one) => one.name === metric)
  const now = totalOf(answer, metric)
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap">
      <Text size="sm" c="dimmed" truncate>
        {humanised(metric)}
      </Text>
      <Text size="sm" fw={550} className="figures">
        {now === null || column === undefined ? texts.missing : figure(now, column, locale)}
      </Text>
    </Group>
  )
}
