// Explore: put a question together, and see chart, table and where the figures come from.
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import type { Answer } from '@/answer/answer'
import { answerQuery, catalogQuery, useMetrics } from '@/questions/ask'
import { useHere } from '@/questions/here'
import { askingOf, sharedDimensions, type Asking } from './asking'
import { Frame } from './custom/frame'
import { ExplainPanel } from './explain'
import classes from './explore.module.css'
import { Result } from './result'
import { Save } from './save'
import type { ExploreSearch } from './search'
import { Sentence } from './sentence'
import { Start } from './start'

const route = getRouteApi('/inside/explore')

/** The page where anything can be asked. */
export function ExplorePage() {
  const search = route.useSearch()
  const here = useHere()
  const metrics = useMetrics()
  const go = useGo()
  const asking = useMemo(() => askingOf(search, here, metrics), [search, here, metrics])
  const found = useAnswer(asking)
  const dimensions = useMemo(() => sharedDimensions(search.metrics ?? [], metrics), [search.metrics, metrics])
  return (
    <Frame actions={asking !== null && <Save search={search} asking={asking} answer={found.data} />}>
      <div className={classes['page']}>
        <Sentence {...{ search, asking, here, metrics, go }} />
        {asking === null ? (
          <Start
            onPick={(metric) => {
              go({ metrics: [metric] })
            }}
          />
        ) : (
          <>
            <Result {...{ search, asking, found, dimensions, go }} />
            <ExplainPanel
              question={asking.question}
              unfiltered={asking.unfiltered}
              isOpen={search.explain === true}
              onOpen={(isOpen) => {
                go({ explain: isOpen ? true : undefined })
              }}
            />
          </>
        )}
      </div>
    </Frame>
  )
}

function useGo(): (part: Partial<ExploreSearch>) => void {
  const navigate = route.useNavigate()
  return useCallback(
    (part) => {
      void navigate({ search: (now) => ({ ...now, ...part }), resetScroll: false })
    },
    [navigate],
  )
}

/** What goes together is known once the metrics are; before that a question might be asked in vain. */
function useAnswer(asking: Asking | null) {
  const catalog = useQuery(catalogQuery)
  return useQuery({
    ...(asking === null ? NOTHING : answerQuery(asking.question)),
    enabled: asking !== null && !catalog.isPending,
  })
}

const NOTHING = {
  queryKey: ['answer', ''],
  queryFn: (): Promise<Answer> => Promise.reject(new Error('Nothing was asked')),
}
