// Where nothing is asked yet: every metric there is, with what it means, to begin with.
import { Skeleton, Text, Title, UnstyledButton } from '@mantine/core'
import { IconCompass } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Empty, Failed } from '@/parts/state'
import { catalogQuery, useMetrics } from '@/questions/ask'
import { useTexts } from '@/texts'
import classes from './explore.module.css'
import { metricName, useMetricGroups } from './metrics'

/** The metrics to begin with. */
export function Start({ onPick }: { onPick: (metric: string) => void }) {
  const texts = useTexts('explore')
  const found = useQuery(catalogQuery)
  const groups = useMetricGroups(useMetrics())
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />
  if (found.data === undefined) return <Skeleton height={320} radius="lg" />
  if (groups.length === 0)
    return (
      <Empty icon={IconCompass} title={texts.noMetrics} about={`${texts.noMetricsAbout} ${texts.noMetricsShown}`} />
    )
  return (
    <div className={classes['start']}>
      <div>
        <Title order={2}>{texts.none}</Title>
        <Text size="sm" c="dimmed">
          {texts.noneAbout}
        </Text>
      </div>
      {groups.map(({ label, metrics }) => (
        <section key={label} aria-label={label}>
          <Title order={3} fz="sm" c="dimmed" mb={8}>
            {label}
          </Title>
          <div className={classes['metrics']}>
            {metrics.map((metric) => (
              <UnstyledButton
                key={metric.name}
                className={classes['metric']}
                onClick={() => {
                  onPick(metric.name)
                }}
              >
                <span className={classes['metricHead']}>
                  <Text span fw={600} size="sm">
                    {metricName(metric.name)}
                  </Text>
                  <Text span size="xs" c="dimmed">
                    {metric.unit}
                  </Text>
                </span>
                <Text span size="xs" c="dimmed" lineClamp={2}>
                  {metric.about}
                </Text>
              </UnstyledButton>
            ))}
          </div>
        </section>
      ))}
    </div>
  )
}
