import { ActionIcon, Badge, Button, Group, Menu, Stack, Table, Text } from '@mantine/core'
import { IconDots, IconUserPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSession } from '@/api/session'
import { Card } from '@/parts/card'
import { Loaded } from '@/parts/loaded'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { Invite } from './invite'
import { ChangeRoles, Enable, Remove, ResetLink, ShutOut } from './member'
import { peopleQuery, type Person } from './queries'
import { RoleBadges } from './role-badges'
import { Teams } from './teams-card'

type Act = 'roles' | 'link' | 'disable' | 'enable' | 'remove'

const DIALOGS = { roles: ChangeRoles, link: ResetLink, disable: ShutOut, enable: Enable, remove: Remove } as const

/** Who is in the workspace, with which roles; invited, shut out, taken out. */
export function People() {
  const texts = useTexts('settings')
  const people = useQuery(peopleQuery)
  const [isInviting, setIsInviting] = useState(false)
  const [asked, setAsked] = useState<{ act: Act; person: Person } | null>(null)
  const Dialog = asked && DIALOGS[asked.act]
  const invite = (
    <Button
      leftSection={<IconUserPlus size={16} />}
      onClick={() => {
        setIsInviting(true)
      }}
    >
      {texts.invite}
    </Button>
  )
  return (
    <Stack>
      <Card title={texts.people} about={texts.peopleAbout} actions={invite} flush>
        <Loaded query={people} height={240}>
          {(found) => (
            <PeopleTable
              people={found}
              onAct={(act, person) => {
                setAsked({ act, person })
              }}
            />
          )}
        </Loaded>
      </Card>
      {people.data && <Teams people={people.data} />}
      {isInviting && (
        <Invite
          onClose={() => {
            setIsInviting(false)
          }}
        />
      )}
      {Dialog && (
        <Dialog
          person={asked.person}
          onClose={() => {
            setAsked(null)
          }}
        />
      )}
    </Stack>
  )
}

interface PeopleTableProps {
  people: readonly Person[]
  onAct: (act: Act, person: Person) => void
}

function PeopleTable({ people, onAct }: PeopleTableProps) {
  const texts = useTexts('settings')
  const head = [texts.person, texts.rolesHead, texts.actor, texts.team, texts.since]
  return (
    <WideTable least={720} head={head} actions={texts.actions}>
      {people.map((person) => (
        <PersonRow
          key={person.id}
          person={person}
          onAct={(act) => {
            onAct(act, person)
          }}
        />
      ))}
    </WideTable>
  )
}

function PersonRow({ person, onAct }: { person: Person; onAct: (act: Act) => void }) {
  const texts = useTexts('settings')
  const session = useSession()
  const formats = useFormats(session.zone)
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={8}>
          <Text size="sm" fw={550}>
            {person.name}
          </Text>
          {person.id === session.id && (
            <Badge miw="max-content" color="gray">
              {texts.you}
            </Badge>
          )}
          {person.disabled_at !== null && (
            <Badge miw="max-content" color="red">
              {texts.shutOut}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {person.email}
        </Text>
      </Table.Td>
      <Table.Td>
        <RoleBadges names={person.roles} />
      </Table.Td>
      <Table.Td>{person.actor ?? '–'}</Table.Td>
      <Table.Td>{person.team ?? '–'}</Table.Td>
      <Table.Td>{person.since && formats.dateTime(person.since)}</Table.Td>
      <Table.Td ta="right">
        <PersonMenu person={person} isOneself={person.id === session.id} onAct={onAct} />
      </Table.Td>
    </Table.Tr>
  )
}

function PersonMenu({ person, isOneself, onAct }: { person: Person; isOneself: boolean; onAct: (act: Act) => void }) {
  const texts = useTexts('settings')
  const isOut = person.disabled_at !== null
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={texts.actionsOf(person.name)}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          onClick={() => {
            onAct('roles')
          }}
        >
          {texts.changeRoles}
        </Menu.Item>
        <Menu.Item
          onClick={() => {
            onAct('link')
          }}
          disabled={isOut}
        >
          {texts.newPassword}
        </Menu.Item>
        <Menu.Divider />
        {isOut && (
          <Menu.Item
            onClick={() => {
              onAct('enable')
            }}
          >
            {texts.letIn}
          </Menu.Item>
        )}
        {!isOut && (
          <Menu.Item
            color="red"
            disabled={isOneself}
            onClick={() => {
              onAct('disable')
            }}
          >
            {texts.shutOutDo}
          </Menu.Item>
        )}
        <Menu.Item
          color="red"
          disabled={isOneself}
          onClick={() => {
            onAct('remove')
          }}
        >
          {texts.removeDo}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
