import { Select, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take } from '@/api/client'
import { hasBegun, streamsQuery, type Stream } from '@/api/streams'
import { Card } from '@/parts/card'
import { Page } from '@/parts/page'
import { Failed } from '@/parts/state'
import { useTexts } from '@/texts'
import { Declare } from './declare'
import { Send } from './send'
import { TokenStep } from './token'
import { Arrived, Waiting } from './waiting'

const EVERY = 2_000 // milliseconds between two looks whether something came in

/** The first steps in a workspace where nothing was collected yet, until the first record is in. */
export function StartPage() {
  const texts = useTexts('start')
  const streams = useQuery({
    ...streamsQuery,
    refetchInterval: ({ state }) => (state.data?.some(hasBegun) ? false : EVERY),
    refetchIntervalInBackground: true,
  })
  return (
    <Page title={texts.title} about={streams.data?.some(hasBegun) ? undefined : texts.about} width="text">
      {streams.isError && streams.data === undefined ? (
        <Failed error={streams.error} retry={() => void streams.refetch()} />
      ) : streams.data === undefined ? (
        <Skeleton height={360} />
      ) : (
        <Steps streams={streams.data} />
      )}
    </Page>
  )
}

function Steps({ streams }: { streams: readonly Stream[] }) {
  const own = streams.filter(({ standing }) => standing?.attached === null)
  const [chosen, choose] = useState<string | null>(null)
  const [token, setToken] = useState<string>()
  const begun = streams.find(hasBegun)
  if (begun !== undefined) return <Arrived stream={begun} />
  const name = chosen ?? own[0]?.name
  if (name === undefined) return <Declare />
  return (
    <>
      <Waiting />
      {own.length > 1 && <Choose names={own.map((stream) => stream.name)} name={name} choose={choose} />}
      <TokenStep stream={name} token={token} setToken={setToken} />
      <SendStep
        name={name}
        token={token}
        dated={own.find((one) => one.name === name)?.declared['time_kind'] === 'date'}
      />
    </>
  )
}

function Choose({ names, name, choose }: { names: string[]; name: string; choose: (name: string | null) => void }) {
  const texts = useTexts('start')
  return (
    <Card title={texts.what} about={texts.whatAbout}>
      <Select aria-label={texts.what} data={names} value={name} onChange={choose} allowDeselect={false} maw={320} />
    </Card>
  )
}

function SendStep({ name, token, dated }: { name: string; token: string | undefined; dated: boolean }) {
  const stream = useQuery({
    queryKey: ['streams', name],
    queryFn: ({ signal }) => take(client.GET('/v1/streams/{stream}', { params: { path: { stream: name } }, signal })),
  })
  if (stream.data === undefined) return <Skeleton height={260} />
  return <Send stream={stream.data} dated={dated} token={token} />
}
