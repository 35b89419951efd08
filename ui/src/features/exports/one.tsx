// One export: whether its file is there yet, the link to it, and what is in it.
import { Alert, Button, Code, Group, Loader, Stack, Text } from '@mantine/core'
import { IconDownload, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { humanised } from '@/answer/numbers'
import { useSession } from '@/api/session'
import { Card } from '@/parts/card'
import { errorOf } from '@/parts/coded'
import { ButtonLink } from '@/parts/link'
import { Loaded } from '@/parts/loaded'
import { Page } from '@/parts/page'
import { Snippet } from '@/parts/snippet'
import { useSaying } from '@/parts/state'
import { useFormats, useTexts } from '@/texts'
import { againOf } from './again'
import { Delete } from './delete'
import { exportQuery, type Export } from './queries'
import { StateBadge, useDays } from './words'

const route = getRouteApi('/inside/exports/$id')

/** The page of one export, which follows it to its end. */
export function ExportPage() {
  const { id } = route.useParams()
  const texts = useTexts('exports')
  const found = useQuery(exportQuery(id))
  const title = found.data === undefined ? texts.title : humanised(found.data.dataset)
  return (
    <Page title={title} width="text" actions={found.data && <Actions one={found.data} />}>
      <Loaded query={found}>
        {(one) => (
          <Stack>
            <Card>
              {one.state === 'failed' ? (
                <Failure error={one.error} />
              ) : (
                <div role="status">
                  <Standing one={one} />
                </div>
              )}
              {one.download_url !== null && <Link path={one.download_url} />}
            </Card>
            <Contents one={one} />
          </Stack>
        )}
      </Loaded>
    </Page>
  )
}

function Actions({ one }: { one: Export }) {
  const texts = useTexts('exports')
  const navigate = useNavigate()
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <ButtonLink to="/exports/new" search={againOf(one)} variant="default">
        {texts.again}
      </ButtonLink>
      <Button
        variant="subtle"
        color="red"
        leftSection={<IconTrash size={16} aria-hidden />}
        onClick={() => {
          setAsking(true)
        }}
      >
        {texts.delete}
      </Button>
      {isAsking && (
        <Delete
          one={one}
          onDone={() => navigate({ to: '/exports' })}
          onClose={() => {
            setAsking(false)
          }}
        />
      )}
    </>
  )
}

function Standing({ one }: { one: Export }) {
  const texts = useTexts('exports')
  const formats = useFormats(useSession().zone)
  switch (one.state) {
    case 'preparing':
      return (
        <Told title={texts.preparing} mark={<Loader size={18} aria-hidden />}>
          {texts.preparingAbout}
        </Told>
      )
    case 'ready':
      return (
        <Told title={texts.ready} mark={<StateBadge state="ready" />}>
          {one.expires_at !== null && texts.readyAbout(formats.dateTime(one.expires_at))}{' '}
          {one.download_url === null && texts.notYours}
        </Told>
      )
    case 'failed':
      return null
    case 'expired':
      return (
        <Told title={texts.expired} mark={<StateBadge state="expired" />}>
          {texts.expiredAbout}
        </Told>
      )
  }
}

function Told({ title, mark, children }: { title: string; mark: ReactNode; children: ReactNode }) {
  return (
    <>
      <Group gap="xs">
        {mark}
        <Text fw={550}>{title}</Text>
      </Group>
      <Text size="sm" c="dimmed" mt={4}>
        {children}
      </Text>
    </>
  )
}

function Failure({ error }: Pick<Export, 'error'>) {
  const texts = useTexts('exports')
  const saying = useSaying()
  const said = errorOf(error)
  return (
    <Alert color="red" title={texts.failed}>
      {said?.code == null ? said?.message : (texts.errors[said.code] ?? saying(said.code, said.message))}
      {said?.code != null && (
        <Text size="xs" c="dimmed" ff="monospace" mt={4}>
          {said.code}
        </Text>
      )}
    </Alert>
  )
}

function Link({ path }: { path: string }) {
  const texts = useTexts('exports')
  return (
    <Stack gap="sm" mt="md">
      <Button component="a" href={path} download leftSection={<IconDownload size={16} aria-hidden />} w="fit-content">
        {texts.download}
      </Button>
      <div>
        <Text size="sm" fw={550} mb={4}>
          {texts.link}
        </Text>
        <Snippet code={`${globalThis.location.origin}${path}`} label={texts.link} />
        <Text size="xs" c="dimmed" mt={4}>
          {texts.linkAbout}
        </Text>
      </div>
    </Stack>
  )
}

function Contents({ one }: { one: Export }) {
  const texts = useTexts('exports')
  const formats = useFormats()
  const days = useDays()(one)
  return (
    <Card title={one.state === 'ready' ? texts.contents : texts.wanted}>
      <Stack gap="sm">
        <Fact name={texts.file}>
          {[
            texts.formats[one.format as keyof typeof texts.formats],
            ...(one.rows === null ? [] : [`${formats.count(one.rows)} ${texts.rows.toLowerCase()}`]),
            ...(one.bytes === null ? [] : [formats.bytes(one.bytes)]),
          ].join(' · ')}
        </Fact>
        <Fact name={texts.days}>{days}</Fact>
        <Fact name={texts.filters}>
          <Narrowed filters={one.filters} />
        </Fact>
        {one.columns.length > 0 && (
          <Fact name={texts.columns}>
            <Group gap={4}>
              {one.columns.map((name) => (
                <Code key={name}>{name}</Code>
              ))}
            </Group>
          </Fact>
        )}
        {Object.keys(one.about).length > 0 && (
          <div>
            <Text size="sm" c="dimmed" mb={4}>
              {texts.says}
            </Text>
            <Snippet code={JSON.stringify(one.about, null, 2)} label={texts.says} />
            <Text size="xs" c="dimmed" mt={4}>
              {texts.saysAbout}
            </Text>
          </div>
        )}
      </Stack>
    </Card>
  )
}

function Narrowed({ filters }: Pick<Export, 'filters'>) {
  const texts = useTexts('exports')
  const answers = useTexts('answers')
  const formats = useFormats()
  const told = Object.entries(filters)
  if (told.length === 0) return texts.noFilters
  return told.map(([name, values]) => (
    <div key={name}>
      {humanised(name)}:{' '}
      <bdi>
        {values.length === 0
          ? texts.ofPeople
          : formats.list(values.map((value) => (value === null ? answers.noValue : String(value))))}
      </bdi>
    </div>
  ))
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="div" size="sm">
        {children}
      </Text>
    </div>
  )
}
