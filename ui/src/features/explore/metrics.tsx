// Metrics as people meet them: grouped by what they are about, each with what it means.
import { UnstyledButton } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { humanised } from '@/answer/numbers'
import { Opening } from '@/parts/opening'
import type { Metric } from '@/questions/ask'
import { useFormats, useTexts } from '@/texts'
import classes from './explore.module.css'

/** How the names of metrics begin that people made, and no pack. */
export const OWN = 'own_'

/** Give what a metric is called; the mark of those that people made is no part of it. */
export function metricName(name: string): string {
  return humanised(name.startsWith(OWN) ? name.slice(OWN.length) : name)
}

export interface MetricGroup {
  readonly label: string
  readonly metrics: readonly Metric[]
}

/** Give the metrics grouped: those made here first, then by the records they are about. */
export function useMetricGroups(metrics: ReadonlyMap<string, Metric>): MetricGroup[] {
  const texts = useTexts('explore')
  const formats = useFormats()
  const groups = new Map<string, Metric[]>()
  for (const metric of metrics.values()) {
    const isOwn = metric.name.startsWith(OWN)
    const label = isOwn
      ? texts.ofPeople
      : texts.ofStream(formats.list(metric.streams.map((one) => humanised(one).toLowerCase())))
    groups.set(label, [...(groups.get(label) ?? []), metric])
  }
  const isOwn = (label: string) => (label === texts.ofPeople ? 0 : 1)
  return [...groups]
    .map(([label, found]) => ({ label, metrics: found }))
    .sort((a, b) => isOwn(a.label) - isOwn(b.label) || a.label.localeCompare(b.label))
}

const loadInfo = () => import('./metricfacts')

/** A sign beside a metric that opens what it means. */
export function MetricInfo({ metric }: { metric: Metric }) {
  const texts = useTexts('explore')
  return (
    <Opening popup="dialog" load={loadInfo} given={{ metric }}>
      {(opener) => (
        <UnstyledButton {...opener} className={classes['info']} aria-label={texts.aboutMetric(metricName(metric.name))}>
          <IconInfoCircle size={15} aria-hidden />
        </UnstyledButton>
      )}
    </Opening>
  )
}
