// What a metric means.
import { Badge, Code, Stack, Text } from '@mantine/core'
import { humanised } from '@/answer/numbers'
import { OpenedWindow } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import type { Metric } from '@/questions/ask'
import { useFormats, useTexts } from '@/texts'
import classes from './explore.module.css'
import { metricName } from './metrics'

/** What a metric means, in a window beside it. */
export default function MetricWindow({ metric, opened }: { metric: Metric; opened: Opened }) {
  return (
    <OpenedWindow opened={opened} width={320} position="bottom-start" withArrow>
      <Text size="sm" fw={600}>
        {metricName(metric.name)}
      </Text>
      <Text size="sm" mb={8}>
        {metric.about}
      </Text>
      <MetricFacts metric={metric} />
    </OpenedWindow>
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
