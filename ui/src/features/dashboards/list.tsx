import { Badge, Button, Card, Group, SimpleGrid, Skeleton, Text, TextInput } from '@mantine/core'
import { IconLayoutDashboard, IconPlus, IconSearch, IconWorld } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '@/api/session'
import { emptyDocument } from '@/boards/document'
import { Page } from '@/parts/page'
import { Empty, Failed } from '@/parts/state'
import { useFormats, useTexts } from '@/texts'
import classes from './list.module.css'
import { listQuery, make, type Summary } from './queries'

const MANY = 8

/** The dashboards that somebody sees. */
export function DashboardsPage() {
  const texts = useTexts('dashboards')
  const list = useQuery(listQuery)
  const mayMake = useMay('compose')
  const make = mayMake && <MakeButton refresh={list.data?.refresh ?? 300} />
  return (
    <Page title={texts.title} about={texts.about} actions={make}>
      {list.data === undefined &&
        (list.isError ? <Failed error={list.error} retry={() => void list.refetch()} /> : <Loading />)}
      {list.data?.dashboards.length === 0 && (
        <Empty icon={IconLayoutDashboard} title={texts.none} about={mayMake ? texts.noneAbout : texts.noneView}>
          {make}
        </Empty>
      )}
      {list.data !== undefined && <Entries all={list.data.dashboards} />}
    </Page>
  )
}

function Entries({ all }: { all: readonly Summary[] }) {
  const texts = useTexts('dashboards')
  const [search, setSearch] = useState('')
  const shown = all.filter(({ title, about }) => `${title} ${about}`.toLowerCase().includes(search.toLowerCase()))
  return (
    <>
      {all.length > MANY && (
        <TextInput
          maw={320}
          leftSection={<IconSearch size={15} aria-hidden />}
          placeholder={texts.search}
          aria-label={texts.search}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value)
          }}
        />
      )}
      {all.length > 0 && shown.length === 0 && <Empty title={texts.noMatch} />}
      <SimpleGrid component="ul" cols={{ base: 1, sm: 2, lg: 3 }} className={classes['list'] ?? ''}>
        {shown.map((one) => (
          <Entry key={one.id} dashboard={one} />
        ))}
      </SimpleGrid>
    </>
  )
}

function Entry({ dashboard }: { dashboard: Summary }) {
  const texts = useTexts('dashboards')
  const formats = useFormats()
  const { id, title, about, pack, owner, shared, published, changed_at } = dashboard
  return (
    <li>
      <Card withBorder padding="md" className={classes['card'] ?? ''}>
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <IconLayoutDashboard size={20} stroke={1.6} aria-hidden className={classes['mark']} />
          <div className={classes['words']}>
            <Link to="/dashboards/$id" params={{ id }} className={classes['link']}>
              <bdi>{title}</bdi>
            </Link>
            <Text size="sm" c="dimmed" lineClamp={2}>
              {about}
            </Text>
            <Group gap={6} mt={8}>
              {pack !== null && <Badge color="pine">{texts.ofPack(pack)}</Badge>}
              {published && (
                <Badge color="yellow" leftSection={<IconWorld size={12} aria-hidden />}>
                  {texts.published}
                </Badge>
              )}
              {shared.length > 0 && <Badge color="gray">{texts.sharedWith(formats.list(shared))}</Badge>}
              {pack === null && (
                <Text size="xs" c="dimmed">
                  {texts.by(owner?.name ?? texts.somebody)}
                  {changed_at !== null && ` · ${formats.date(changed_at.slice(0, 10))}`}
                </Text>
              )}
            </Group>
          </div>
        </Group>
      </Card>
    </li>
  )
}

function MakeButton({ refresh }: { refresh: number }) {
  const texts = useTexts('dashboards')
  const navigate = useNavigate()
  const queries = useQueryClient()
  const making = useMutation({
    mutationFn: () => make(emptyDocument(texts.untitled, refresh)),
    onSuccess: async (made) => {
      queries.setQueryData(['dashboards', made.id], made)
      void queries.invalidateQueries({ queryKey: listQuery.queryKey, exact: true })
      await navigate({ to: '/dashboards/$id/edit', params: { id: made.id } })
    },
  })
  return (
    <Button
      size="xs"
      leftSection={<IconPlus size={16} aria-hidden />}
      loading={making.isPending}
      onClick={() => {
        making.mutate()
      }}
    >
      {texts.make}
    </Button>
  )
}

function Loading() {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
      {Array.from({ length: 6 }, (_, i) => (
        <Skeleton key={i} height={108} radius="lg" />
      ))}
    </SimpleGrid>
  )
}
