// Metrics as people meet them: grouped by what they are about, each with what it means.
import { Badge, Code, Popover, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { humanised } from '@/answer/numbers'
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

/** A sign beside a metric that opens what it means. */
export function MetricInfo({ metric }: { metric: Metric }) {
  const texts = useTexts('explore')
  return (
    <Popover width={320} position="bottom-start" shadow="md" withArrow trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={classes['info']} aria-label={texts.aboutMetric(metricName(metric.name))}>
          <IconInfoCircle size={15} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" fw={600}>
          {metricName(metric.name)}
        </Text>
        <Text size="sm" mb={8}>
          {metric.about}
        </Text>
        <MetricFacts metric={metric} />
      </Popover.Dropdown>
    </Popover>
  )
}

/** What there is to know of a metric, point by point. */
export function MetricFacts({ metric }: { metric: Metric }) {
  const texts = useTexts('explore')
  const formats = useFormats()
  const isEstimate = metric.measured.some((one) => one === 'uniques' || one === 'quantiles')
  const dimensions = metric.dimensions.map(humanised)
  return (
    <Stack gap={6}>
      {isEstimate && (
        <Badge size="sm" color="gray">
          {texts.estimated}
        </Badge>
      )}
      <dl className={classes['facts']}>
        {metric.unit !== '' && <Fact name={texts.unit}>{metric.unit}</Fact>}
        <Fact name={texts.formula}>
          <Code>{metric.text}</Code>
        </Fact>
        <Fact name={texts.direction}>{texts.directions[metric.direction] ?? metric.direction}</Fact>
        <Fact name={texts.dimensionsOf}>{dimensions.length === 0 ? texts.noDimensions : formats.list(dimensions)}</Fact>
        {metric.owner !== '' && <Fact name={texts.owner}>{metric.owner}</Fact>}
      </dl>
    </Stack>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
