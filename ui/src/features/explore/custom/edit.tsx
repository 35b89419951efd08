// The pages on which a metric is written: a new one, and one that is there.
import { Button } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem } from '@/api/problem'
import { useMay } from '@/api/session'
import { Confirm } from '@/parts/confirm'
import { Loaded } from '@/parts/loaded'
import { tell } from '@/parts/notices'
import { Failed } from '@/parts/state'
import { useTexts } from '@/texts'
import { OWN, metricName } from '../metrics'
import { draftOf, NEW } from './draft'
import { MetricForm } from './form'
import { Frame } from './frame'
import { customsQuery, remove, type Custom } from './queries'

const newRoute = getRouteApi('/inside/explore/metrics/new')
const oneRoute = getRouteApi('/inside/explore/metrics/$name')
const REFUSED = new Problem({ code: 'NOT_PERMITTED', status: 403 })

/** The page of a new metric; what was explored may have brought its formula. */
export function NewMetricPage() {
  const { formula = '' } = newRoute.useSearch()
  const mayCompose = useMay('compose')
  return (
    <Frame>{mayCompose ? <MetricForm first={{ ...NEW, formula }} version={null} /> : <Failed error={REFUSED} />}</Frame>
  )
}

/** The page of a metric that somebody made. */
export function EditMetricPage() {
  const { name } = oneRoute.useParams()
  const texts = useTexts('custom')
  const found = useQuery(customsQuery)
  return (
    <Frame>
      <Loaded query={found}>
        {(metrics) => {
          const metric = metrics.find((one) => one.name === OWN + name)
          if (metric === undefined)
            return <Failed error={new Problem({ code: 'UNKNOWN_METRIC', status: 404, detail: texts.unknown })} />
          if (!metric.may_edit) return <Failed error={REFUSED} />
          return (
            <MetricForm
              key={metric.name}
              first={draftOf(metric)}
              version={metric.version}
              aside={<Delete metric={metric} />}
            />
          )
        }}
      </Loaded>
    </Frame>
  )
}

function Delete({ metric }: { metric: Custom }) {
  const texts = useTexts('custom')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [isOpen, setOpen] = useState(false)
  const named = metricName(metric.name)
  const removing = useMutation({
    mutationFn: () => remove(metric.name),
    onSuccess: async () => {
      await navigate({ to: '/explore/metrics' })
      await queries.invalidateQueries({ queryKey: ['metrics'] })
      tell({ message: texts.removed(named) })
    },
  })
  return (
    <>
      <Button
        variant="subtle"
        color="red"
        leftSection={<IconTrash size={16} aria-hidden />}
        onClick={() => {
          setOpen(true)
        }}
      >
        {texts.remove}
      </Button>
      {isOpen && (
        <Confirm
          title={texts.removeTitle(named)}
          about={texts.removeAbout}
          submit={texts.remove}
          isPending={removing.isPending}
          error={removing.error}
          onSubmit={() => {
            removing.mutate()
          }}
          onClose={() => {
            setOpen(false)
            removing.reset()
          }}
        />
      )}
    </>
  )
}
